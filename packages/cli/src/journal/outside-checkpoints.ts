import { createReadStream } from 'node:fs';
import { LineSplitter } from '@botaudit/journal';
import {
  type AuditRecord,
  canonicalRecord,
  checkpointEntryOf,
  isCheckpointRecord,
  parseCheckpoint,
  parseRecord,
  recordFromOtlp,
} from '@botaudit/record';
import { Failure } from '../failure.js';

/** A request of a collector's archive holds many records: as much as that takes is read as one line. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The lines that carry checkpoints in a file from elsewhere: a copy of `checkpoints.ndjson`, records as they were shipped,
 * or a collector's archive (OTLP/JSON). Whatever else is in it is passed over. A sink holds what came twice twice and in
 * any order: each is given once, in the order of its sequence.
 *
 * @throws {Failure} when the file can't be read, or holds none.
 */
export async function readOutsideCheckpoints(path: string): Promise<string[]> {
  const found = new Map<string, number>();
  const splitter = new LineSplitter(0, MAX_LINE_BYTES);
  const take = (text: string | undefined) => {
    for (const record of recordsIn(text))
      if (isCheckpointRecord(record)) found.set(canonicalRecord(record), seqOf(record));
  };
  try {
    for await (const chunk of createReadStream(path)) for (const { text } of splitter.push(chunk)) take(text);
  } catch (error) {
    throw new Failure(`${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  take(splitter.end()?.text);
  if (found.size === 0) throw new Failure(`${path} holds no checkpoint`);
  return [...found].sort(([, a], [, b]) => a - b).map(([line]) => line);
}

interface OtlpLogs {
  readonly resourceLogs?: readonly { readonly scopeLogs?: readonly { readonly logRecords?: readonly unknown[] }[] }[];
}

function recordsIn(text: string | undefined): AuditRecord[] {
  if (text === undefined) return [];
  try {
    if (!text.startsWith('{"resourceLogs"')) return [parseRecord(text)];
    const { resourceLogs = [] } = JSON.parse(text) as OtlpLogs;
    return resourceLogs
      .flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords))
      .flatMap(recordOf);
  } catch {
    // No record, so no checkpoint either: an archive holds what others send as well.
    return [];
  }
}

function recordOf(json: unknown): AuditRecord[] {
  try {
    return [recordFromOtlp(json)];
  } catch {
    return []; // Not one of ours.
  }
}

/** Where it belongs; what is no checkpoint comes first, and verification says so. */
function seqOf(record: AuditRecord): number {
  try {
    return parseCheckpoint(checkpointEntryOf(record).checkpoint).seq;
  } catch {
    return 0;
  }
}
