import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  METRICS,
  type MetricDefinition,
  type MetricName,
  type MetricSink,
} from './table.js';

/** At most this many label sets a metric, so that a bot's inputs can't grow memory or the Prometheus server. */
const MAX_LABEL_SETS = 500;
const OTHER = 'other';
/** Parts the label values in a key; a value that holds it could only blur two series of one metric. */
const SEPARATOR = '\u001f';

type Labels = Readonly<Record<string, string>>;

/** One value as prom-client's `getMetricsAsJSON()` has it. */
export interface MetricValueJson {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** The name with its suffix, on the values of a histogram. */
  readonly metricName?: string;
}

/** One metric as prom-client's `getMetricsAsJSON()` has it. */
export interface MetricJson {
  readonly name: string;
  readonly help: string;
  readonly type: MetricDefinition['type'];
  readonly aggregator: MetricDefinition['aggregator'];
  readonly values: readonly MetricValueJson[];
}

/** One value with its labels; for a histogram the sum, with how many measurements each bucket got (not cumulated). */
interface Series {
  readonly labels: Labels;
  value: number;
  readonly buckets?: Float64Array;
}

interface Family {
  readonly definition: MetricDefinition;
  readonly series: Map<string, Series>;
}

/** Told of each measurement that goes into a histogram: the one kind that can't be read off later. */
export type ObservationListener = (name: HistogramName, labels: Labels, value: number) => void;

/** The metrics of one thread, in memory. An increment is a lookup; nothing here does I/O or throws. */
export class Metrics implements MetricSink {
  readonly #families = new Map<MetricName, Family>();
  readonly #listeners: ObservationListener[] = [];
  #changes = 0;

  constructor() {
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const definition: MetricDefinition = METRICS[name];
      this.#families.set(name, { definition, series: new Map() });
      for (const labels of definition.initial ?? []) this.#series(name, labels);
    }
  }

  /** Grows with every change: whoever publishes compares it with what it saw last. */
  get changes(): number {
    return this.#changes;
  }

  add<N extends CounterName>(name: N, labels: LabelsOf<N>, n = 1): void {
    this.#series(name, labels).value += n;
  }

  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#series(name, labels).value = value;
  }

  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void {
    const series = this.#series(name, labels);
    const bounds: readonly number[] = METRICS[name].buckets;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index++;
    series.value += value;
    // The array has one element more than there are bounds.
    (series.buckets as Float64Array)[index] = ((series.buckets as Float64Array)[index] as number) + 1;
    for (const listener of this.#listeners) listener(name, labels, value);
  }

  /** Has `listener` called for each measurement of a histogram from now on. */
  onObservation(listener: ObservationListener): void {
    this.#listeners.push(listener);
  }

  /** All metrics, in prom-client's JSON form. Metrics without a series yet are there without values. */
  snapshot(): MetricJson[] {
    return Array.from(this.#families.keys(), (name) => this.one(name));
  }

  /** One metric, in prom-client's JSON form. */
  one(name: MetricName): MetricJson {
    const { definition, series } = this.#families.get(name) as Family;
    const { help, type, aggregator, buckets } = definition;
    const values: MetricValueJson[] = [];
    for (const each of series.values()) {
      if (buckets) values.push(...histogramValues(name, buckets, each));
      else values.push({ value: each.value, labels: each.labels });
    }
    return { name, help, type, aggregator, values };
  }

  #series(name: MetricName, labels: Labels): Series {
    this.#changes++;
    const { definition, series } = this.#families.get(name) as Family;
    let key = '';
    for (const label of definition.labels) key += labels[label] + SEPARATOR;
    const known = series.get(key);
    if (known) return known;
    if (series.size >= MAX_LABEL_SETS && Object.values(labels).some((value) => value !== OTHER)) {
      return this.#series(name, Object.fromEntries(definition.labels.map((label) => [label, OTHER])));
    }
    const created: Series = {
      labels: Object.fromEntries(definition.labels.map((label) => [label, String(labels[label])])),
      value: 0,
      ...(definition.buckets ? { buckets: new Float64Array(definition.buckets.length + 1) } : undefined),
    };
    series.set(key, created);
    return created;
  }
}

function histogramValues(name: string, bounds: readonly number[], series: Series): MetricValueJson[] {
  const { labels, value: sum } = series;
  const values: MetricValueJson[] = [];
  let count = 0;
  series.buckets?.forEach((inBucket, index) => {
    count += inBucket;
    values.push({ labels: { le: bounds[index] ?? '+Inf', ...labels }, value: count, metricName: `${name}_bucket` });
  });
  values.push({ labels, value: sum, metricName: `${name}_sum` });
  values.push({ labels, value: count, metricName: `${name}_count` });
  return values;
}
