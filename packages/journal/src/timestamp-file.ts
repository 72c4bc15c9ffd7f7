import { type Access, createFile } from './access.js';
import { errorCode, JournalWriteError } from './errors.js';
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from './file-system.js';
import { readRawFile } from './raw.js';
import { parseObject } from './stream-info.js';

/** A timestamp of a checkpoint, from an authority elsewhere. */
export interface CheckpointTimestamp {
  /** The line of the checkpoint, as it stands among those of its stream. */
  readonly checkpoint: string;
  /** The timestamp of the checkpoint's canonical form (RFC 3161): DER in base64. */
  readonly token: string;
}

const NEWLINE = '\n';

/** The timestamps in a file, one after the other; of a line that is none, why. A file that is not there holds none. */
export function* readTimestamps(path: string): Generator<CheckpointTimestamp | { readonly problem: string }> {
  if (!statSync(path, { throwIfNoEntry: false })) return;
  let place = 0;
  for (const { text, defect, reason } of readRawFile(path)) {
    place++;
    if (defect === 'unreadable') yield { problem: reason ?? `${path} cannot be read` };
    else yield (text === undefined ? undefined : parseLine(text)) ?? { problem: `line ${place} is no timestamp` };
  }
}

/**
 * Adds a timestamp to a file of them. Whoever may write to the folder may do so: it need not be the stream's writer.
 *
 * @throws {JournalWriteError}
 */
export function addTimestamp(path: string, { checkpoint, token }: CheckpointTimestamp, access: Access = {}): void {
  try {
    const fd = open(path, access);
    try {
      // What was cut off by the end of a process stays a line of its own.
      const line = `${endsInNewline(fd) ? '' : NEWLINE}${JSON.stringify({ checkpoint, token })}${NEWLINE}`;
      const bytes = Buffer.from(line);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw JournalWriteError.from(error, path);
  }
}

function open(path: string, access: Access): number {
  const flags = constants.O_RDWR | constants.O_APPEND;
  try {
    return openSync(path, flags | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return createFile(path, flags | constants.O_CREAT | constants.O_EXCL, access);
  }
}

function endsInNewline(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() === NEWLINE;
}

function parseLine(line: string): CheckpointTimestamp | undefined {
  const { checkpoint, token } = parseObject(line) ?? {};
  return typeof checkpoint === 'string' && typeof token === 'string' ? { checkpoint, token } : undefined;
}
