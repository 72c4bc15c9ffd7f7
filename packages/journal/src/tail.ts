import { isUtf8 } from 'node:buffer';
import { MAX_LINE_BYTES } from './layout.js';
import { sequenceNumber } from './record-fields.js';
import { SegmentSource } from './segment-source.js';

const NEWLINE = 10;
const FIRST_WINDOW = 64 * 1024;
/** Beyond this no line is a record any more; whoever needs certainty reads from the front. */
const LAST_WINDOW = 4 * MAX_LINE_BYTES;

/** A record as it stands in a segment. */
export interface PlacedRecord {
  readonly line: string;
  readonly number: number;
  readonly segment: number;
  /** Where its line starts, and where it ends, newline included. */
  readonly offset: number;
  readonly endOffset: number;
}

/** The end of a segment. */
export interface Tail {
  /** Bytes up to and including the last newline; what follows is torn, or still being written. */
  readonly wholeBytes: number;
  /** The last record on a whole line. */
  readonly last?: PlacedRecord | undefined;
}

/**
 * Reads a segment from its end.
 *
 * @returns `undefined` when there is no such segment, or its end is one endless line.
 * @throws {JournalFormatError} when it is not a regular file.
 * @throws {JournalReadError}
 */
export function readTail(streamDirectory: string, segment: number): Tail | undefined {
  const source = SegmentSource.openSegment(streamDirectory, segment);
  try {
    return source && tailOf(source, segment, source.size);
  } finally {
    source?.close();
  }
}

/** The record whose line ends at `endOffset`; `undefined` when none does. Throws as {@link readTail} does. */
export function recordEndingAt(streamDirectory: string, segment: number, endOffset: number): PlacedRecord | undefined {
  const source = SegmentSource.openSegment(streamDirectory, segment);
  try {
    if (!source || endOffset > source.size) return undefined;
    const tail = tailOf(source, segment, endOffset);
    return tail?.last?.endOffset === endOffset ? tail.last : undefined;
  } finally {
    source?.close();
  }
}

function tailOf(source: SegmentSource, segment: number, size: number): Tail | undefined {
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const start = Math.max(0, size - window);
    const bytes = source.slice(start, size);
    const lastNewline = bytes.lastIndexOf(NEWLINE);
    if (lastNewline === -1 && start === 0) return { wholeBytes: 0 };
    const last = lastNewline === -1 ? 'cut' : lastRecord(bytes, lastNewline, start, segment);
    if (last !== 'cut') return { wholeBytes: start + lastNewline + 1, last };
    if (window >= LAST_WINDOW) return lastNewline === -1 ? undefined : { wholeBytes: start + lastNewline + 1 };
  }
}

/** The last record before `newline`; `'cut'` when it may start before the window does. */
function lastRecord(bytes: Buffer, newline: number, start: number, segment: number): PlacedRecord | 'cut' | undefined {
  for (let end = newline; ; ) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
    if (before === -1 && start > 0) return 'cut';
    const content = bytes.subarray(before + 1, end);
    if (isUtf8(content)) {
      const line = content.toString('utf8');
      const number = sequenceNumber(line);
      if (number !== undefined) {
        return { line, number, segment, offset: start + before + 1, endOffset: start + end + 1 };
      }
    }
    if (before === -1) return undefined;
    end = before;
  }
}
