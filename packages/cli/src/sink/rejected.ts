import { hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { LineRead, VerifierLine } from '@botaudit/record';
import type { CheckFinding } from '../journal/check.js';
import type { Snapshot } from './snapshot.js';
import { EVERYTHING } from './stored-records.js';

/** A record that Elasticsearch refused, and that stands with the rejected ones. */
export interface RejectedRecord {
  readonly read: LineRead;
  readonly observedMs: number | undefined;
  /** Why it was refused. */
  readonly reason: string;
}

/** What stands with the rejected ones. */
export interface Rejected {
  /** Records of chains, by stream and number. */
  readonly records: ReadonlyMap<string, RejectedRecord[]>;
  /** Lines that carry checkpoints. */
  readonly checkpoints: readonly string[];
  readonly documents: number;
  readonly findings: readonly CheckFinding[];
}

/** So many records are kept in mind; that there are more is an error. */
const MAX_RECORDS = 50_000;

/** Larger than anything that a collector takes. */
const MAX_TEXT_BYTES = 128 * 1024 * 1024;

const WHERE = 'the rejected records';

/**
 * Reads all of what Elasticsearch refused.
 *
 * @param read reads a line.
 * @throws {Failure} when it can't be read.
 */
export async function readRejected(
  snapshot: Snapshot | undefined,
  read: (line: VerifierLine) => LineRead,
): Promise<Rejected> {
  const records = new Map<string, RejectedRecord[]>();
  const checkpoints: string[] = [];
  const findings: CheckFinding[] = [];
  let documents = 0;
  let count = 0;
  let others = 0;
  const tell = (kind: CheckFinding['kind'], severity: CheckFinding['severity'], message: string) =>
    findings.push({ stream: WHERE, kind, severity, message });
  if (snapshot) {
    for await (const { id, index, source } of snapshot.documents(EVERYTHING)) {
      documents++;
      const { rejected } = (source ?? {}) as { readonly rejected?: RejectedField };
      const line = textOf(rejected);
      if (line === undefined || hash('sha256', line) !== id) {
        tell('document', 'error', `document ${id} of ${index} does not hold what its id says: changed, or put there`);
      }
      const found = read({ stream: WHERE, line, terminated: true });
      if (found.record && line !== undefined) checkpoints.push(line);
      if (!found.link) {
        others++;
        continue;
      }
      if (++count > MAX_RECORDS) continue;
      const { streamId } = found.link;
      const reason = typeof rejected?.type === 'string' ? rejected.type : 'no reason is given';
      const [, observed] = /"ObservedTimestamp":"(\d+)"/.exec(line ?? '') ?? [];
      const observedMs = observed === undefined ? undefined : Number(observed) / 1e6;
      const list = records.get(streamId) ?? [];
      records.set(streamId, list);
      list.push({ read: found, observedMs, reason });
    }
  }
  if (count > MAX_RECORDS) tell('unchecked', 'error', `${count} records stand there; ${MAX_RECORDS} are looked at`);
  if (others > 0) tell('rejected', 'notice', `${others} of what stands there is no record of a stream`);
  for (const list of records.values()) list.sort((a, b) => (a.read.link?.number ?? 0) - (b.read.link?.number ?? 0));
  return { records, checkpoints, documents, findings };
}

interface RejectedField {
  readonly type?: unknown;
  readonly original?: unknown;
  readonly original_gzip?: unknown;
}

function textOf({ original, original_gzip: packed }: RejectedField = {}): string | undefined {
  if (typeof original === 'string') return original;
  if (typeof packed !== 'string') return undefined;
  try {
    return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
  } catch {
    return undefined; // It is told as not being what its id says.
  }
}
