import { hash } from 'node:crypto';
import { join } from 'node:path';
import { type Access, createFile } from './access.js';
import { errorCode, JournalFormatError, JournalWriteError } from './errors.js';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from './file-system.js';
import { CHECKPOINT_CURSOR_FILE, CHECKPOINTS_FILE } from './layout.js';
import { readSmallFile, replaceFile } from './small-file.js';
import { parseObject } from './stream-info.js';

/**
 * From this length on a file of checkpoints loses its older half: a process may run for years, and the later a checkpoint
 * is, the more it says.
 */
const MAX_BYTES = 512 * 1024;

const NEWLINE = '\n';

/**
 * The checkpoints of a stream, one a line, beside its segments. Its writer alone writes there. A line is whole or not
 * there, but for the last one when the process is killed in the middle of it.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #access: Access;
  /** Length up to which it holds whole lines; `undefined` where that has to be looked at. */
  #size: number | undefined = 0;

  constructor(streamDirectory: string, access: Access = {}) {
    this.path = join(streamDirectory, CHECKPOINTS_FILE);
    this.#access = access;
  }

  /**
   * Appends a line. When it throws, the line is not there.
   *
   * @param line without newline.
   * @throws {JournalWriteError}
   */
  append(line: string): void {
    const bytes = Buffer.from(line + NEWLINE);
    try {
      const size = this.#size;
      if (size === undefined || size + bytes.length > MAX_BYTES) this.#rewrite(line);
      else if (this.#append(bytes, size)) this.#size = size + bytes.length;
      else this.#rewrite(line);
    } catch (error) {
      throw JournalWriteError.from(error, this.path);
    }
  }

  /** @returns `false` when the file is not as this writer left it, and nothing was written. */
  #append(bytes: Buffer, size: number): boolean {
    const fd = this.#open();
    try {
      if (fstatSync(fd).size !== size) return false;
      this.#size = undefined;
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      return true;
    } catch (error) {
      // A part of a line would be taken for damage once another one follows.
      ftruncateSync(fd, size);
      this.#size = size;
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  #open(): number {
    const flags = constants.O_WRONLY | constants.O_APPEND;
    try {
      return openSync(this.path, flags | constants.O_NOFOLLOW);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      this.#size = 0;
      return createFile(this.path, flags | constants.O_CREAT | constants.O_EXCL, this.#access);
    }
  }

  /** Puts the line behind what there is of whole lines, the later half of them where there are many. */
  #rewrite(line: string): void {
    const lines = [...linesOf(this.path), line];
    const text = lines.slice(firstToKeep(lines)).map((each) => each + NEWLINE);
    replaceFile(this.path, text.join(''), this.#access);
    this.#size = Buffer.byteLength(text.join(''));
  }
}

/**
 * Whole lines of a stream's file of checkpoints, unexamined; none where there is no such file.
 *
 * @throws {JournalReadError} when it can't be read.
 */
export function readCheckpointLines(streamDirectory: string): string[] {
  return linesOf(join(streamDirectory, CHECKPOINTS_FILE));
}

/**
 * The checkpoints of a stream that no receiver has acknowledged. Where the note of what was acknowledged is missing,
 * damaged or names none of them, that is all: shipped twice rather than never.
 *
 * @throws {JournalReadError} when a file can't be read.
 */
export function unacknowledgedCheckpoints(streamDirectory: string): string[] {
  const lines = readCheckpointLines(streamDirectory);
  if (lines.length === 0) return lines;
  const acknowledged = acknowledgedHash(streamDirectory);
  return lines.slice(lines.findLastIndex((line) => hash('sha256', line) === acknowledged) + 1);
}

/**
 * Notes that a checkpoint, and all before it, is acknowledged.
 *
 * @throws {JournalWriteError}
 */
export function acknowledgeCheckpoint(streamDirectory: string, line: string, access: Access = {}): void {
  const path = join(streamDirectory, CHECKPOINT_CURSOR_FILE);
  try {
    replaceFile(path, `${JSON.stringify({ hash: hash('sha256', line) })}\n`, access);
  } catch (error) {
    throw JournalWriteError.from(error, path);
  }
}

function linesOf(path: string): string[] {
  try {
    return readSmallFile(path)?.split(NEWLINE).slice(0, -1) ?? [];
  } catch (error) {
    // Not a file of the writer's: verification says so.
    if (error instanceof JournalFormatError) return [];
    throw error;
  }
}

function firstToKeep(lines: readonly string[]): number {
  let bytes = 0;
  for (const line of lines) bytes += Buffer.byteLength(line) + 1;
  if (bytes <= MAX_BYTES) return 0;
  let first = 0;
  for (; first < lines.length - 1 && bytes > MAX_BYTES / 2; first++) bytes -= Buffer.byteLength(lines[first]!) + 1;
  return first;
}

function acknowledgedHash(streamDirectory: string): unknown {
  try {
    return parseObject(readSmallFile(join(streamDirectory, CHECKPOINT_CURSOR_FILE)) ?? '')?.hash;
  } catch (error) {
    if (error instanceof JournalFormatError) return undefined;
    throw error;
  }
}
