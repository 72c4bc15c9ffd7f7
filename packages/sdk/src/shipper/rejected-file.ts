import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { accessOf } from './access.js';

const FILE = 'rejected.ndjson';

/** A record that is put aside. */
export interface Rejected {
  /** The canonical line, byte for byte. */
  readonly line: string;
  /** What the receiver said, or what is wrong with the line. */
  readonly reason: string;
}

/**
 * Appends a record to `rejected.ndjson` of its stream: `{at, reason, line}` with the line as a string, so that its hash
 * stays what it was.
 *
 * @throws what the file system throws; nothing counts as put aside then.
 */
export function parkRejected(streamDirectory: string, { line, reason }: Rejected): void {
  const path = join(streamDirectory, FILE);
  const fd = openSync(path, 'a+', accessOf(streamDirectory).groupRead ? 0o640 : 0o600);
  try {
    const entry = `${JSON.stringify({ at: new Date().toISOString(), reason, line })}\n`;
    const content = Buffer.from(endsWithinLine(fd) ? `\n${entry}` : entry);
    for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
  } finally {
    closeSync(fd);
  }
}

/** Whether an earlier write was cut short, by a full disk for one. */
function endsWithinLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}
