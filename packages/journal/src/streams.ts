import { join } from 'node:path';
import { errorCode, JournalFormatError, JournalReadError } from './errors.js';
import { probeLock } from './file-lock.js';
import { readdirSync, statSync } from './file-system.js';
import { compressedName, LOCK_FILE, listSegments, STREAM_INFO_FILE, segmentName, streamsFolder } from './layout.js';
import { readStreamInfo, type StreamInfo, type StreamProblem } from './stream-info.js';

/** One stream in a journal's folder. */
export interface StreamEntry {
  /** Name of its folder. */
  readonly streamId: string;
  readonly directory: string;
  /** What `stream.json` says; absent when it can't be used, see `problem`. */
  readonly info?: StreamInfo | undefined;
  /** Numbers of its segments, ascending. */
  readonly segments: readonly number[];
  /** What is wrong with it: `stream.json` is missing, garbage or of a newer version, or the folder can't be read. */
  readonly problem?: StreamProblem | undefined;
}

/**
 * The streams in a journal's folder, in the order of their names. Only real folders count: a link could lead anywhere,
 * or in circles. One that holds neither `stream.json` nor a segment is not a stream (yet).
 *
 * @throws {JournalReadError} when the folder can't be read; one that is not there has no streams.
 */
export function listStreams(directory: string): StreamEntry[] {
  return streamIds(directory).flatMap((streamId) => streamEntry(directory, streamId) ?? []);
}

/** Names of the folders that may be streams. Throws as {@link listStreams} does. */
export function streamIds(directory: string): string[] {
  const folder = streamsFolder(directory);
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new JournalReadError(error, folder);
  }
}

/** The stream of this name; `undefined` when it is not one (any more, or yet). */
export function streamEntry(journalDirectory: string, streamId: string): StreamEntry | undefined {
  const directory = join(streamsFolder(journalDirectory), streamId);
  let segments: number[] = [];
  try {
    segments = listSegments(directory);
    const info = readStreamInfo(directory);
    if (info?.streamId === streamId) return { streamId, directory, info, segments };
    const path = join(directory, STREAM_INFO_FILE);
    if (info) throw new JournalFormatError(path, `describes another stream, ${info.streamId}`);
    if (segments.length === 0) return undefined;
    throw new JournalFormatError(path, 'is missing');
  } catch (error) {
    return { streamId, directory, segments, problem: error as StreamProblem };
  }
}

/** Whether a stream's writer lives. `unknown` where the file system does not lock. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/**
 * Whether the writer of a stream lives, by the lock that dies with its process: right for a stopped process, for a pid
 * that another got, and for containers that are all pid 1.
 */
export function liveness(streamDirectory: string): Liveness {
  const lock = probeLock(join(streamDirectory, LOCK_FILE));
  if (lock === 'held') return 'alive';
  if (lock === 'unknown' || lacksLock(streamDirectory)) return 'unknown';
  return 'dead';
}

/** Whether a stream's writer lives or may live; see {@link liveness}. */
export function isAlive(streamDirectory: string): boolean {
  return liveness(streamDirectory) !== 'dead';
}

/** Whether the writer said that it has no lock. */
function lacksLock(streamDirectory: string): boolean {
  try {
    return readStreamInfo(streamDirectory)?.locked === false;
  } catch {
    // A description that can't be used says nothing; the lock was free.
    return false;
  }
}

/** When something was last written to a stream, ms since the epoch; `undefined` when it has no segment. */
export function lastWrite({ directory, segments }: StreamEntry): number | undefined {
  const last = segments.at(-1);
  if (last === undefined) return undefined;
  for (const name of [segmentName(last), compressedName(last)]) {
    const stats = statSync(join(directory, name), { throwIfNoEntry: false });
    if (stats) return stats.mtimeMs;
  }
  return undefined;
}
