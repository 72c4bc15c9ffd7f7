import { join } from 'node:path';
import { errorCode, JournalReadError } from './errors.js';
import { readdirSync } from './file-system.js';

/** What stands in `stream.json`; a stream with a higher one is left alone. */
export const FORMAT_VERSION = 1;

/** The longest line that is taken for one: a record is at most 256 KiB, and JSON's escapes can make it longer. */
export const MAX_LINE_BYTES = 1024 * 1024;

export const STREAM_INFO_FILE = 'stream.json';
export const LOCK_FILE = 'lock';
export const ADOPT_LOCK_FILE = 'adopt.lock';
export const CURSOR_FILE = 'cursor.json';
export const ARCHIVED_FILE = 'archived.json';
export const RECOVERED_FILE = 'recovered.json';
export const METRICS_FILE = 'metrics.json';
export const CHECKPOINTS_FILE = 'checkpoints.ndjson';
export const TIMESTAMPS_FILE = 'timestamps.ndjson';
export const CHECKPOINT_CURSOR_FILE = 'checkpoint-cursor.json';

const SEGMENT = /^(\d{8,15})\.ndjson(\.zst)?$/;

/** The folder that holds a journal's streams. */
export function streamsFolder(directory: string): string {
  return join(directory, 'streams');
}

/** Name of a segment's file; eight digits, so that `ls` and `cat *.ndjson` have them in order. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, '0')}.ndjson`;
}

/** Name of a segment's file once it is compressed. */
export function compressedName(segment: number): string {
  return `${segmentName(segment)}.zst`;
}

/** The number of the segment that a file name is, compressed or not, or `undefined` when it is none. */
export function segmentNumber(fileName: string): number | undefined {
  const digits = SEGMENT.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Numbers of the segments in a stream's folder, ascending.
 *
 * @throws {JournalReadError} when the folder can't be read; one that is not there has no segments.
 */
export function listSegments(streamDirectory: string): number[] {
  // One that is being compressed has two files for a moment.
  const segments = new Set<number>();
  for (const name of listNames(streamDirectory)) {
    const segment = segmentNumber(name);
    if (segment !== undefined) segments.add(segment);
  }
  return [...segments].sort((a, b) => a - b);
}

/**
 * Names in a folder; none when it is not there.
 *
 * @throws {JournalReadError} when it can't be read.
 */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new JournalReadError(error, folder);
  }
}
