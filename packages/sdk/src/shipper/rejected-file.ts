import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { accessOf } from './access.js';

const FILE = 'rejected.ndjson';
/** What somebody is sending again, or was when he was killed. */
const CLAIMED = /^rejected\.sending-[\da-f-]{36}\.ndjson$/;
const claimedName = () => `rejected.sending-${randomUUID()}.ndjson`;
const damagedName = () => `rejected.damaged-${randomUUID()}.ndjson`;

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
export function parkRejected(streamDirectory: string, rejected: Rejected): void {
  appendRejected(streamDirectory, [rejectedEntry(rejected)]);
}

/** A line of `rejected.ndjson`, as of now. */
export function rejectedEntry({ line, reason }: Rejected): string {
  return JSON.stringify({ at: new Date().toISOString(), reason, line });
}

/** The record that a line of `rejected.ndjson` holds; `undefined` when it holds none, having been cut short for one. */
export function rejectedLine(entry: string): string | undefined {
  try {
    const { line } = JSON.parse(entry);
    return typeof line === 'string' && line !== '' && !line.includes('\n') ? line : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Appends lines to `rejected.ndjson`. Whoever sends rejected records again renames the file first: what was written to
 * the one that was renamed meanwhile may have come too late to be read there, so it is written once more.
 *
 * @param sync whether they are to be on the disk before this returns.
 * @throws what the file system throws, or when something else than a file is in its place.
 */
export function appendRejected(streamDirectory: string, entries: readonly string[], { sync = false } = {}): void {
  const path = join(streamDirectory, FILE);
  const mode = accessOf(streamDirectory).groupRead ? 0o640 : 0o600;
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  for (let isThere = false; !isThere; ) {
    const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode);
    try {
      if (!fstatSync(fd).isFile()) throw new Error(`${path}: is not a regular file`);
      const text = entries.map((entry) => `${entry}\n`).join('');
      const content = Buffer.from(endsWithinLine(fd) ? `\n${text}` : text);
      for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
      if (sync) fdatasyncSync(fd);
      isThere = isAt(path, fd);
    } finally {
      closeSync(fd);
    }
  }
}

/**
 * Takes what was put aside of a stream, to be sent again: renames `rejected.ndjson`, so that what its shipper puts aside
 * from now on stands in another file. Names are never used twice, so that two who do this at once do no harm: records
 * are sent twice then, and none is lost.
 *
 * @returns the files, those first that were left by somebody who did not come to the end.
 * @throws what the file system throws, or when something else than a file is in its place.
 */
export function claimRejected(streamDirectory: string): string[] {
  const left = readdirSync(streamDirectory).filter((name) => CLAIMED.test(name));
  const files = left.map((name) => join(streamDirectory, name));
  const path = join(streamDirectory, FILE);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return files;
  if (!stats.isFile()) throw new Error(`${path}: is not a regular file`);
  const claimed = join(streamDirectory, claimedName());
  try {
    renameSync(path, claimed);
  } catch (error) {
    // Somebody else was first.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return files;
    throw error;
  }
  return [...files, claimed];
}

/** Where what was put aside of a stream stands, also what somebody is sending again. */
export function rejectedFiles(streamDirectory: string): string[] {
  const names = readdirSync(streamDirectory).filter((name) => name === FILE || CLAIMED.test(name));
  return names.map((name) => join(streamDirectory, name));
}

/** Keeps a file that was claimed and holds more than rejected records, where nobody claims it again. Returns its new path. */
export function keepDamaged(streamDirectory: string, claimed: string): string {
  const path = join(streamDirectory, damagedName());
  renameSync(claimed, path);
  return path;
}

/** Whether an earlier write was cut short, by a full disk for one. */
function endsWithinLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}

function isAt(path: string, fd: number): boolean {
  const { dev, ino } = fstatSync(fd);
  const there = lstatSync(path, { throwIfNoEntry: false });
  return there?.ino === ino && there.dev === dev;
}
