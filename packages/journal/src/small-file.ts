import { randomBytes } from 'node:crypto';
import { type Access, createFile } from './access.js';
import { errorCode, JournalFormatError, JournalReadError } from './errors.js';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from './file-system.js';

const MAX_BYTES = 1024 * 1024;

/**
 * Opens a regular file for reading: no link that leads elsewhere, no pipe that would keep the reader waiting.
 *
 * @returns its descriptor, or `undefined` when there is none.
 * @throws {JournalFormatError} when it is not a regular file.
 * @throws {JournalReadError} when it can't be opened.
 */
export function openRegular(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP' || code === 'ENXIO') throw new JournalFormatError(path, 'is not a regular file');
    throw new JournalReadError(error, path);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new JournalFormatError(path, 'is not a regular file');
}

/**
 * The text of a small file such as `cursor.json`, or `undefined` when there is none.
 *
 * @throws {JournalFormatError} when it is not a regular file, or larger than 1 MiB.
 * @throws {JournalReadError} when it can't be read.
 */
export function readSmallFile(path: string): string | undefined {
  const fd = openRegular(path);
  if (fd === undefined) return undefined;
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_BYTES) throw new JournalFormatError(path, `has ${size} bytes; at most ${MAX_BYTES} are expected`);
    const buffer = Buffer.alloc(size);
    let length = 0;
    while (length < size) {
      const read = readSync(fd, buffer, length, size - length, length);
      if (read === 0) break;
      length += read;
    }
    return buffer.toString('utf8', 0, length);
  } catch (error) {
    throw error instanceof JournalFormatError ? error : new JournalReadError(error, path);
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts `text` in place of a file in one step: a reader sees the old or the new, never a part. The temporary name is
 * random, since two writers may be at it at once.
 *
 * Throws what the file system throws; the old file stays then.
 */
export function replaceFile(path: string, text: string, access: Access): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const bytes = Buffer.from(text);
  const fd = createFile(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, access);
  try {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // What stopped the write stops this too; the caller hears of the first.
    }
    throw error;
  }
}
