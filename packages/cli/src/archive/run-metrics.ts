import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from '../failure.js';

/** What `botaudit archive` can be run for, as its metrics name it. */
type Operation = 'archive' | 'restore_check';

/** How often each is expected to be run where nothing is said, in milliseconds. */
const EXPECTED_EVERY_MS: Readonly<Record<Operation, number>> = {
  archive: 24 * 60 * 60 * 1000,
  restore_check: 7 * 24 * 60 * 60 * 1000,
};

const NAMES = ['audit_archive_last_success_timestamp_seconds', 'audit_archive_interval_seconds'] as const;

/** Options of {@link noteRun}. */
export interface RunMetricsOptions {
  readonly operation: Operation;
  readonly succeeded: boolean;
  /** How often it is run, in milliseconds. Default: a day; a week for the check. */
  readonly everyMs?: number | undefined;
}

/**
 * Notes in a file of Prometheus' text format when an operation last succeeded. A run that failed leaves that time as it
 * was, 0 where there was none, so that both are seen: what fails, and what nobody runs any more. The file is for the
 * collector of text files of node_exporter: it may be read by everybody, and is replaced at once. What it says of the other
 * operation stays.
 *
 * @throws {Failure} when the file can't be written.
 * @see https://github.com/prometheus/node_exporter#textfile-collector
 */
export async function noteRun(file: string, { operation, succeeded, everyMs }: RunMetricsOptions): Promise<void> {
  const { Metrics, metricsText } = await import('@botaudit/sdk');
  const metrics = new Metrics();
  const before = textOf(file);
  for (const other of Object.keys(EXPECTED_EVERY_MS) as Operation[]) {
    for (const name of NAMES) {
      const value = valueIn(before, name, other);
      if (value !== undefined) metrics.set(name, { operation: other }, value);
    }
  }
  const [lastSuccess, interval] = NAMES;
  if (succeeded) metrics.set(lastSuccess, { operation }, Date.now() / 1000);
  else metrics.set(lastSuccess, { operation }, valueIn(before, lastSuccess, operation) ?? 0);
  metrics.set(interval, { operation }, (everyMs ?? EXPECTED_EVERY_MS[operation]) / 1000);
  const { text } = await metricsText([NAMES.map((name) => metrics.one(name))]);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o644 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Failure(`--metrics-file: ${(error as Error).message}`);
  }
}

/** What there is; nothing where it can't be read: then it can't be written either, which is said. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function valueIn(text: string, name: string, operation: Operation): number | undefined {
  const [, value] = new RegExp(`^${name}\\{operation="${operation}"\\} (\\S+)$`, 'm').exec(text) ?? [];
  return value === undefined || !Number.isFinite(Number(value)) ? undefined : Number(value);
}
