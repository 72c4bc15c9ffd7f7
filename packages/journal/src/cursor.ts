import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Access } from './access.js';
import { JournalFormatError, JournalWriteError } from './errors.js';
import { CURSOR_FILE } from './layout.js';
import type { ReadLine } from './reader.js';
import { readSmallFile, replaceFile } from './small-file.js';
import { parseObject } from './stream-info.js';
import { recordEndingAt } from './tail.js';

/** The last record of a stream that the receiver acknowledged. */
export interface Cursor {
  readonly segment: number;
  /** Where its line ends, newline included; bytes, uncompressed. */
  readonly offset: number;
  /** Its `audit.sequence.number`. */
  readonly number: number;
  /** SHA-256 of its line, lower-case hex. */
  readonly hash: string;
}

/** The cursor that says: acknowledged up to and including this record. */
export function cursorAfter({ line, number, segment, endOffset }: ReadLine): Cursor {
  return { segment, offset: endOffset, number, hash: hash('sha256', line) };
}

/**
 * The cursor of a stream, checked against the journal: the record that it names must end where it says, and be the same.
 *
 * @returns `undefined` when there is none, or it does not fit: then reading starts over. A record is shipped twice
 * rather than never.
 * @throws {JournalReadError} when it, or the segment that it points into, can't be read.
 */
export function loadCursor(streamDirectory: string): Cursor | undefined {
  try {
    const text = readSmallFile(join(streamDirectory, CURSOR_FILE));
    const cursor = text === undefined ? undefined : parseCursor(text);
    return cursor && fits(streamDirectory, cursor) ? cursor : undefined;
  } catch (error) {
    if (error instanceof JournalFormatError) return undefined;
    throw error;
  }
}

/**
 * Stores a cursor, in one step.
 *
 * @throws {JournalWriteError}
 */
export function saveCursor(streamDirectory: string, cursor: Cursor, access: Access = {}): void {
  const path = join(streamDirectory, CURSOR_FILE);
  const { segment, offset, number, hash: tip } = cursor;
  try {
    replaceFile(path, `${JSON.stringify({ segment, offset, number, hash: tip })}\n`, access);
  } catch (error) {
    throw JournalWriteError.from(error, path);
  }
}

function parseCursor(text: string): Cursor | undefined {
  const { segment, offset, number, hash: tip } = parseObject(text) ?? {};
  if (!isCount(segment) || !isCount(offset) || !isCount(number) || typeof tip !== 'string') return undefined;
  return { segment, offset, number, hash: tip };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function fits(streamDirectory: string, cursor: Cursor): boolean {
  const record = recordEndingAt(streamDirectory, cursor.segment, cursor.offset);
  return record?.number === cursor.number && hash('sha256', record.line) === cursor.hash;
}
