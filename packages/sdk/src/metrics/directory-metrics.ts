import { Adoption, isAlive, listStreams, loadCursor, readTip, type StreamEntry } from '@botaudit/journal';
import type { MetricJson, Metrics, MetricValueJson } from './metrics.js';
import { readMetricsFile, type StoredMetrics } from './metrics-file.js';
import { metricsText } from './text.js';

/** The metrics of the thread that asks, fresher than its file. */
export interface OwnMetrics {
  readonly metrics: Metrics;
  /** Its stream, whose file is left out in favour of these; none for a thread without one. */
  readonly streamId?: string | undefined;
}

/** What a stream that nobody is shipping leaves waiting. */
const WAITING: ReadonlySet<string> = new Set(['audit_queue_depth', 'audit_queue_oldest_age_seconds']);

/**
 * The metrics of a whole journal: the sum over all its processes, those that ended included, so that a restart is no
 * reset. Gauges count only where they still hold: of living processes, and of ended ones what waits for a shipper.
 */
export class DirectoryMetrics {
  readonly #directory: string;
  readonly #own: OwnMetrics | undefined;
  readonly #known = new Map<string, StoredMetrics>();
  readonly #ended = new Set<string>();
  /** Counters of streams that retention has removed since: a counter must not fall. */
  #removed: MetricJson[] = [];

  constructor(directory: string, own?: OwnMetrics) {
    this.#directory = directory;
    this.#own = own;
  }

  /**
   * All metrics in Prometheus' text format.
   *
   * @throws {JournalReadError} when the folder can't be read.
   */
  async text(): Promise<{ readonly text: string; readonly contentType: string }> {
    const parts = this.#parts();
    const removed = this.#forget(parts);
    if (removed.length > 0) {
      const { AggregatorRegistry } = (await import('prom-client')).default;
      const sum = AggregatorRegistry.aggregate([this.#removed, ...removed]);
      this.#removed = (await sum.getMetricsAsJSON()) as unknown as MetricJson[];
    }
    return await metricsText([...parts.values(), this.#removed]);
  }

  #parts(): Map<string, readonly MetricJson[]> {
    const parts = new Map<string, readonly MetricJson[]>();
    if (this.#own) parts.set(this.#own.streamId ?? '', this.#own.metrics.snapshot());
    for (const entry of listStreams(this.#directory)) {
      if (parts.has(entry.streamId)) continue;
      const stored = readMetricsFile(entry.directory, this.#known.get(entry.streamId));
      if (!stored) continue;
      this.#known.set(entry.streamId, stored);
      parts.set(entry.streamId, this.#isEnded(entry) ? remains(entry, stored) : stored.metrics);
    }
    return parts;
  }

  #isEnded({ streamId, directory }: StreamEntry): boolean {
    if (this.#ended.has(streamId)) return true;
    if (isAlive(directory)) return false;
    // Nobody takes a stream up again.
    this.#ended.add(streamId);
    return true;
  }

  /** Takes the counters of streams that are no longer there. */
  #forget(parts: ReadonlyMap<string, unknown>): MetricJson[][] {
    const removed: MetricJson[][] = [];
    for (const [streamId, { metrics }] of this.#known) {
      if (parts.has(streamId)) continue;
      this.#known.delete(streamId);
      this.#ended.delete(streamId);
      removed.push(metrics.filter(({ type }) => type !== 'gauge'));
    }
    return removed;
  }
}

/** What still holds of the metrics of a stream that ended. */
function remains(entry: StreamEntry, { metrics, writtenAt }: StoredMetrics): MetricJson[] {
  const lasting = metrics.filter(({ type }) => type !== 'gauge');
  const waiting = metrics.filter(({ name }) => WAITING.has(name));
  if (waiting.every(({ values }) => values.every(({ value }) => value === 0)) || !isLeft(entry)) return lasting;
  const since = Math.max(0, Date.now() - writtenAt) / 1000;
  // It has become older since it was measured.
  const older = (value: MetricValueJson) => ({ ...value, value: value.value + since });
  const aged = waiting.map((metric) =>
    metric.name === 'audit_queue_oldest_age_seconds' ? { ...metric, values: metric.values.map(older) } : metric,
  );
  return [...lasting, ...aged];
}

/** Whether records wait in it, and nobody is at it who would count them as his. */
function isLeft(entry: StreamEntry): boolean {
  try {
    if ((readTip(entry.directory)?.number ?? 0) <= (loadCursor(entry.directory)?.number ?? 0)) return false;
    const adoption = Adoption.take(entry);
    adoption?.release();
    return adoption !== undefined;
  } catch {
    // What can't be read or adopted is what nobody ships.
    return true;
  }
}
