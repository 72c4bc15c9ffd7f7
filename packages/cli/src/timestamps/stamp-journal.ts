import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  addTimestamp,
  JournalReadError,
  JournalWriteError,
  listStreams,
  readCheckpointLines,
  readTimestamps,
  TIMESTAMPS_FILE,
} from '@botaudit/journal';
import {
  CheckpointFormatError,
  checkpointEntryOf,
  parseCheckpoint,
  parseRecord,
  RecordFormatError,
} from '@botaudit/record';
import { type AuthorityOptions, askForTimestamp } from './ask.js';
import { TimestampError } from './timestamp-error.js';

/** A checkpoint that was timestamped. */
interface Stamped {
  readonly stream: string;
  /** The checkpoint's place in its sequence. */
  readonly seq: number;
  /** Number of the stream's last record that it commits. */
  readonly number: number;
  /** ISO 8601 */
  readonly time: string;
}

/** What a run came to. */
export interface StampingRun {
  readonly timestamped: readonly Stamped[];
  /** Streams whose last checkpoint has a timestamp already. */
  readonly known: number;
  readonly problems: readonly { readonly stream: string; readonly problem: string }[];
  /** Whether it ended before the last stream: whoever could not be reached is not asked again and again. */
  readonly stopped: boolean;
}

/** How to timestamp a journal. */
export interface StampingOptions {
  readonly authority: AuthorityOptions;
  /** A file that gets all timestamps; default: one in the folder of each stream. */
  readonly out?: string | undefined;
}

/** Has the last checkpoint of every stream timestamped that has no timestamp yet: it commits all records before it. */
export async function stampJournal(directory: string, { authority, out }: StampingOptions): Promise<StampingRun> {
  const timestamped: Stamped[] = [];
  const problems: { stream: string; problem: string }[] = [];
  let known = 0;
  for (const { streamId: stream, directory: folder } of listStreams(directory)) {
    if (authority.signal?.aborted) return { timestamped, known, problems, stopped: true };
    const path = out ?? join(folder, TIMESTAMPS_FILE);
    try {
      const line = readCheckpointLines(folder).at(-1);
      if (line === undefined) continue;
      if (hasTimestamp(path, line)) {
        known++;
        continue;
      }
      const { checkpoint, streamId } = checkpointEntryOf(parseRecord(line));
      const { seq, tips } = parseCheckpoint(checkpoint);
      const { token, time } = await askForTimestamp(checkpoint, authority);
      addTimestamp(path, { checkpoint: line, token: token.toString('base64') }, accessOf(folder));
      const number = tips.find((tip) => tip.stream_id === streamId)?.sequence_number ?? 0;
      timestamped.push({ stream, seq, number, time: time.toISOString() });
    } catch (error) {
      if (!isExpected(error)) throw error;
      problems.push({ stream, problem: error.message });
      // The next stream's answer would be the same.
      if (error instanceof TimestampError) return { timestamped, known, problems, stopped: true };
    }
  }
  return { timestamped, known, problems, stopped: false };
}

function hasTimestamp(path: string, line: string): boolean {
  for (const found of readTimestamps(path)) if ('token' in found && found.checkpoint === line) return true;
  return false;
}

function isExpected(error: unknown): error is Error {
  return [TimestampError, JournalReadError, JournalWriteError, CheckpointFormatError, RecordFormatError].some(
    (kind) => error instanceof kind,
  );
}

/** Whoever may read the stream's folder may read what is put there. */
function accessOf(folder: string): { groupRead: boolean } {
  return { groupRead: ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o040) !== 0 };
}
