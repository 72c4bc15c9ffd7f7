import { constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Inode } from './inode.js';

/** The process is gone, or the machine: no call returns any more. */
class Crash extends Error {
  readonly code = 'ESIMULATEDCRASH';
}

/** What a call is to suffer. */
export type Fault = 'EIO' | 'ENOSPC' | 'EROFS' | 'EFBIG' | 'short';

interface Open {
  readonly inode: Inode;
  readonly flags: number;
  position: number;
}

/** No number is given twice, not on another disk either: what an earlier run forgot to close must not hit a later one. */
let nextDescriptor = 1000;

/** A machine's disk and kernel, as far as the journal asks them. Everything happens at once, on one thread. */
export class SimulatedDisk {
  /** Calls so far, of the present process. */
  calls = 0;
  /** Faults that calls have suffered. */
  suffered = 0;
  /** The process ends before this call. */
  crashAt = Number.POSITIVE_INFINITY;
  /** Whether there is no room for another byte. */
  isFull = false;
  /** What the next calls of a name suffer. */
  readonly faults = new Map<string, Fault[]>();
  /** Paths of locks that the present process holds. */
  readonly locks = new Set<string>();
  /** The time, ms since the epoch. */
  now = 1_795_478_400_000;
  readonly #open = new Map<number, Open>();
  readonly #root = new Inode(1, 'folder', 0o755);
  #lastInode = 1;

  /** The process was killed: what it wrote is in the kernel's hands. */
  restart(): void {
    this.calls = 0;
    this.crashAt = Number.POSITIVE_INFINITY;
    this.isFull = false;
    this.faults.clear();
    this.locks.clear();
    this.#open.clear();
  }

  /** Power was lost, see {@link Inode.losePower}. */
  losePower(pick: (most: number) => number, isOrderly: boolean): void {
    const seen = new Set<Inode>();
    const lose = (inode: Inode): void => {
      if (seen.has(inode)) return;
      seen.add(inode);
      inode.losePower(pick, isOrderly);
      for (const child of inode.entries.values()) lose(child);
    };
    lose(this.#root);
    this.restart();
  }

  /** Begins a call. Returns the fault that it is to suffer. */
  call(name: string): Fault | undefined {
    if (this.isDown) throw new Crash(`${name} never returned`);
    this.calls++;
    const fault = this.faults.get(name)?.shift();
    if (fault !== undefined) this.suffered++;
    return fault;
  }

  /** Whether the process has ended. */
  get isDown(): boolean {
    return this.calls >= this.crashAt;
  }

  find(path: string): Inode {
    let inode = this.#root;
    for (const name of path.split('/').filter(Boolean)) {
      if (inode.kind !== 'folder') throw failure('ENOTDIR', path);
      const next = inode.entries.get(name);
      if (!next) throw failure('ENOENT', path);
      inode = next;
    }
    return inode;
  }

  parentOf(path: string): Inode {
    const parent = this.find(dirname(path));
    if (parent.kind !== 'folder') throw failure('ENOTDIR', path);
    return parent;
  }

  make(path: string, kind: 'file' | 'folder', mode: number): Inode {
    if (this.isFull) throw failure('ENOSPC', path);
    const parent = this.parentOf(path);
    if (parent.entries.has(basename(path))) throw failure('EEXIST', path);
    const inode = new Inode(++this.#lastInode, kind, mode);
    inode.modified = this.now;
    parent.change(basename(path), inode);
    return inode;
  }

  open(path: string, flags: number, mode: number): number {
    let inode: Inode;
    try {
      inode = this.find(path);
      if ((flags & constants.O_CREAT) !== 0 && (flags & constants.O_EXCL) !== 0) throw failure('EEXIST', path);
    } catch (error) {
      if ((error as { code: string }).code !== 'ENOENT' || (flags & constants.O_CREAT) === 0) throw error;
      inode = this.make(path, 'file', mode);
    }
    const fd = nextDescriptor++;
    this.#open.set(fd, { inode, flags, position: 0 });
    return fd;
  }

  opened(fd: number): Open {
    const open = this.#open.get(fd);
    if (!open) throw failure('EBADF', String(fd));
    return open;
  }

  close(fd: number): void {
    this.opened(fd);
    this.#open.delete(fd);
  }

  /** Descriptors that are open. */
  get openCount(): number {
    return this.#open.size;
  }
}

export function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code });
}
