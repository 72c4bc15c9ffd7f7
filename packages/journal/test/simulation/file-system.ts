import { constants as flags, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { failure, SimulatedDisk } from './disk.js';
import type { Inode } from './inode.js';

/* The calls of `src/file-system.ts`, on a simulated disk. */

const SUPERBLOCK = { bsize: 4096, blocks: 2 ** 30, bfree: 2 ** 29, bavail: 2 ** 29, type: 0xef53, files: 0, ffree: 0 };

let disk = new SimulatedDisk();

/** The disk that all calls go to from here on. */
export function use(next: SimulatedDisk): void {
  disk = next;
}

export function current(): SimulatedDisk {
  return disk;
}

/** Begins a call that fails where it is to. */
function call(name: string, path: string): void {
  const fault = disk.call(name);
  if (fault !== undefined && fault !== 'short') throw failure(fault, path);
}

function statsOf(inode: Inode): Stats {
  const { number, size, mode, links, modified } = inode;
  return {
    ino: number,
    dev: 1,
    size,
    mode,
    uid: process.geteuid?.() ?? 0,
    nlink: links,
    mtimeMs: modified,
    blocks: Math.ceil(size / 512),
    isFile: () => inode.kind === 'file',
    isDirectory: () => inode.kind === 'folder',
  } as unknown as Stats;
}

export const constants = flags;

export function openSync(path: string, mode: number, rights = 0o600): number {
  call('open', path);
  return disk.open(path, mode, rights);
}

export function closeSync(fd: number): void {
  call('close', String(fd));
  disk.close(fd);
}

export function readSync(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
): number {
  call('read', String(fd));
  const open = disk.opened(fd);
  const read = open.inode.read(buffer.subarray(offset, offset + length), position ?? open.position);
  if (position === null) open.position += read;
  return read;
}

export function writeSync(
  fd: number,
  content: Uint8Array | string,
  offset = 0,
  length?: number,
  position?: number | null,
): number {
  const fault = disk.call('write');
  if (fault !== undefined && fault !== 'short') throw failure(fault, String(fd));
  const open = disk.opened(fd);
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const all = bytes.subarray(offset, length === undefined ? undefined : offset + length);
  if (disk.isFull && all.length > 0) throw failure('ENOSPC', String(fd));
  // A part of it, as where a disk fills up or a file may grow no further.
  const part = fault === 'short' ? all.subarray(0, Math.floor(all.length / 2)) : all;
  const { inode } = open;
  const at = (open.flags & flags.O_APPEND) !== 0 ? inode.size : (position ?? open.position);
  inode.write(part, at);
  inode.modified = disk.now;
  if (position === undefined || position === null) open.position = at + part.length;
  return part.length;
}

export function write(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
  done: (error: Error | null, written: number) => void,
): void {
  let written = 0;
  let error: Error | null = null;
  try {
    written = writeSync(fd, buffer, offset, length, position);
  } catch (thrown) {
    error = thrown as Error;
  }
  setImmediate(() => done(error, written));
}

function sync(name: string, fd: number): void {
  const fault = disk.call(name);
  const { inode } = disk.opened(fd);
  if (fault === undefined) inode.sync();
  else {
    inode.failSync();
    throw failure(fault, String(fd));
  }
}

export const fsyncSync = (fd: number): void => sync('fsync', fd);
export const fdatasyncSync = (fd: number): void => sync('fdatasync', fd);

export function fstatSync(fd: number): Stats {
  call('fstat', String(fd));
  return statsOf(disk.opened(fd).inode);
}

export function statSync(path: string, options?: { throwIfNoEntry?: boolean }): Stats | undefined {
  call('stat', path);
  try {
    return statsOf(disk.find(path));
  } catch (error) {
    if (options?.throwIfNoEntry === false && (error as { code: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function lstatSync(path: string, options?: { throwIfNoEntry?: boolean }): Stats | undefined {
  return statSync(path, options);
}

export function futimesSync(fd: number, _accessed: number, modified: number): void {
  call('futimes', String(fd));
  disk.opened(fd).inode.modified = modified * 1000;
}

export function statfsSync(path: string): typeof SUPERBLOCK {
  call('statfs', path);
  disk.find(path);
  return SUPERBLOCK;
}

export function readdirSync(path: string, options?: { withFileTypes?: boolean }): unknown[] {
  call('readdir', path);
  const folder = disk.find(path);
  if (folder.kind !== 'folder') throw failure('ENOTDIR', path);
  const names = [...folder.entries.keys()];
  if (!options?.withFileTypes) return names;
  return names.map((name) => ({ name, isDirectory: () => folder.entries.get(name)?.kind === 'folder' }));
}

export function mkdirSync(path: string, { mode }: { mode: number }): void {
  call('mkdir', path);
  disk.make(path, 'folder', mode);
}

export function mkdtempSync(): string {
  throw new Error('no temporary folder is made here');
}

export function rmdirSync(path: string): void {
  call('rmdir', path);
  if (disk.find(path).entries.size > 0) throw failure('ENOTEMPTY', path);
  disk.parentOf(path).change(basename(path), undefined);
}

export function unlinkSync(path: string): void {
  call('unlink', path);
  const inode = disk.find(path);
  disk.parentOf(path).change(basename(path), undefined);
  inode.links--;
}

export function renameSync(from: string, to: string): void {
  call('rename', from);
  if (dirname(from) !== dirname(to)) throw new Error('renamed within a folder only');
  const inode = disk.find(from);
  const parent = disk.parentOf(to);
  const replaced = parent.entries.get(basename(to));
  if (replaced) replaced.links--;
  parent.change(basename(to), inode, basename(from));
}

export function chmodSync(path: string, mode: number): void {
  call('chmod', path);
  disk.find(path).mode = mode;
}

export function fchmodSync(fd: number, mode: number): void {
  call('fchmod', String(fd));
  disk.opened(fd).inode.mode = mode;
}
