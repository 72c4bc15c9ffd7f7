import { hash } from 'node:crypto';
import { JournalFormatError } from './errors.js';
import { listSegments } from './layout.js';
import { endsStream } from './record-fields.js';
import { readTail } from './tail.js';

/** The last record of a stream that stands on a whole line. */
export interface StreamTip {
  /** Its `audit.sequence.number`. */
  readonly number: number;
  /** SHA-256 of its line, lower-case hex. */
  readonly hash: string;
  readonly segment: number;
  /** Where its line ends, newline included; bytes, uncompressed. */
  readonly offset: number;
  /** Whether it is the last record of a stream that was closed gracefully. */
  readonly closed: boolean;
}

/**
 * The tip of a stream, read from its end: cheap however long the stream is.
 *
 * @returns `undefined` when it holds no record.
 * @throws {JournalReadError} when a file can't be read.
 */
export function readTip(streamDirectory: string): StreamTip | undefined {
  for (const segment of listSegments(streamDirectory).reverse()) {
    const last = lastRecord(streamDirectory, segment);
    if (!last) continue;
    const { line, number, endOffset } = last;
    return { number, hash: hash('sha256', line), segment, offset: endOffset, closed: endsStream(line) };
  }
  return undefined;
}

function lastRecord(streamDirectory: string, segment: number) {
  try {
    return readTail(streamDirectory, segment)?.last;
  } catch (error) {
    // Not a regular file, so no segment of the writer's.
    if (error instanceof JournalFormatError) return undefined;
    throw error;
  }
}
