import type { CounterName, GaugeName, HistogramName, LabelsOf, MetricSink } from '../metrics/table.js';

type Kind = 'add' | 'set' | 'observe';

/** One call of a {@link MetricSink}, as it travels between threads. */
export type MetricChange = readonly [kind: Kind, name: string, labels: Readonly<Record<string, string>>, value: number];

/** Gathers measurements in a thread that doesn't own the metrics. */
export class MetricRelay implements MetricSink {
  #changes: MetricChange[] = [];

  add<N extends CounterName>(name: N, labels: LabelsOf<N>, n = 1): void {
    this.#changes.push(['add', name, labels, n]);
  }

  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#changes.push(['set', name, labels, value]);
  }

  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#changes.push(['observe', name, labels, value]);
  }

  /** What was gathered since the last call. */
  take(): MetricChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}

/** Makes the same calls on the metrics themselves. */
export function replay(changes: readonly MetricChange[], metrics: MetricSink): void {
  for (const [kind, name, labels, value] of changes) {
    // Each came from a typed call of the same method.
    (metrics[kind] as (name: string, labels: Readonly<Record<string, string>>, value: number) => void).call(
      metrics,
      name,
      labels,
      value,
    );
  }
}
