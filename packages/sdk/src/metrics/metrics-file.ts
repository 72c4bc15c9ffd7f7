import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricJson, Metrics, MetricValueJson } from './metrics.js';
import { METRICS, type MetricName } from './table.js';

const FILE = 'metrics.json';
const FORMAT_VERSION = 1;

/** Keeps a thread's metrics in its stream's folder, for whoever serves those of the whole directory. */
export class MetricsFile {
  readonly #metrics: Metrics;
  readonly #path: string;
  readonly #mode: number;
  readonly #timer: NodeJS.Timeout;
  #written = -1;

  /** Writes from now on, every `intervalMs` in which something changed. Does not keep the process alive. */
  constructor(metrics: Metrics, streamDirectory: string, { intervalMs = 5_000, mode = 0o600 } = {}) {
    this.#metrics = metrics;
    this.#path = join(streamDirectory, FILE);
    this.#mode = mode;
    this.#timer = setInterval(() => this.write(), intervalMs).unref();
  }

  /** Writes now, if something changed: a reader sees the old file or the new one, never half of one. */
  write(): void {
    const { changes } = this.#metrics;
    if (changes === this.#written) return;
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      const content = { formatVersion: FORMAT_VERSION, metrics: this.#metrics.snapshot() };
      writeFileSync(temporary, JSON.stringify(content), { mode: this.#mode });
      renameSync(temporary, this.#path);
      this.#written = changes;
    } catch {
      // A full or vanished disk is what the metrics in memory tell about; the file is tried again next time.
      removeLeftover(temporary);
    }
  }

  /** The last write, for the end of the process: synchronous. */
  close(): void {
    clearInterval(this.#timer);
    this.write();
  }
}

/** Called by a timer of the bot's process, which an exception would end. */
function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder is gone, or can't be written any more: the next write replaces what is left.
  }
}

/** A metrics file as it was read, with what tells whether it has changed since. */
export interface StoredMetrics {
  readonly stamp: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  readonly metrics: readonly MetricJson[];
}

/**
 * Reads the metrics of a stream. What is no metric of this version is left out: the file is somebody's input.
 *
 * @param known what was read before; comes back when the file is still the same.
 * @returns `undefined` when there is no file, or none that can be read.
 */
export function readMetricsFile(streamDirectory: string, known?: StoredMetrics): StoredMetrics | undefined {
  const path = join(streamDirectory, FILE);
  try {
    const { mtimeMs, size, ino } = statSync(path);
    const stamp = `${ino}:${size}:${mtimeMs}`;
    if (known?.stamp === stamp) return known;
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isObject(content) || content.formatVersion !== FORMAT_VERSION || !Array.isArray(content.metrics))
      return undefined;
    return { stamp, writtenAt: mtimeMs, metrics: content.metrics.flatMap(checkedMetric) };
  } catch {
    // Not there yet, not ours to read, or not JSON: there is nothing to add then.
    return undefined;
  }
}

function checkedMetric(value: unknown): MetricJson[] {
  if (!isObject(value) || typeof value.name !== 'string' || !Object.hasOwn(METRICS, value.name)) return [];
  if (!Array.isArray(value.values)) return [];
  const { help, type, aggregator } = METRICS[value.name as MetricName];
  const prefix = `${value.name}_`;
  return [{ name: value.name, help, type, aggregator, values: value.values.filter((each) => isValue(each, prefix)) }];
}

function isValue(value: unknown, prefix: string): value is MetricValueJson {
  if (!isObject(value) || typeof value.value !== 'number' || !isObject(value.labels)) return false;
  if (value.metricName !== undefined && !String(value.metricName).startsWith(prefix)) return false;
  return Object.values(value.labels).every((label) => typeof label === 'string' || typeof label === 'number');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
