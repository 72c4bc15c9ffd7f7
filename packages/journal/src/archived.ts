import { join } from 'node:path';
import type { Access } from './access.js';
import { JournalFormatError, JournalWriteError } from './errors.js';
import { ARCHIVED_FILE } from './layout.js';
import { readSmallFile, replaceFile } from './small-file.js';
import { parseObject } from './stream-info.js';

/**
 * The last segment of a stream that is in an archive, it and all before it.
 *
 * @returns its number; 0 where none is, or nobody can tell: then they are archived again rather than never.
 * @throws {JournalReadError} when the note can't be read.
 */
export function archivedThrough(streamDirectory: string): number {
  try {
    const segment = parseObject(readSmallFile(join(streamDirectory, ARCHIVED_FILE)) ?? '')?.segment;
    return typeof segment === 'number' && Number.isSafeInteger(segment) && segment > 0 ? segment : 0;
  } catch (error) {
    if (error instanceof JournalFormatError) return 0;
    throw error;
  }
}

/**
 * Notes that a segment of a stream, and all before it, is in an archive and was read back from there, in one step.
 *
 * @throws {JournalWriteError}
 */
export function noteArchived(streamDirectory: string, segment: number, access: Access = {}): void {
  const path = join(streamDirectory, ARCHIVED_FILE);
  try {
    replaceFile(path, `${JSON.stringify({ segment })}\n`, access);
  } catch (error) {
    throw JournalWriteError.from(error, path);
  }
}
