import { join } from 'node:path';
import { createFile } from './access.js';
import { errorCode } from './errors.js';
import { closeSync, constants, fstatSync } from './file-system.js';
import { segmentName } from './layout.js';
import type { StreamHome } from './stream-home.js';

/** The segment being written, as its writer holds it. */
export class SegmentFile {
  readonly fd: number;
  readonly number: number;
  readonly path: string;
  /** When it was opened, in the terms of `performance.now()`: a clock that is set makes no segment older. */
  readonly openedAt: number;
  /** Bytes of whole lines in it. */
  size = 0;
  /** Lines in it. */
  lines = 0;
  readonly #inode: number;
  #underWay = 0;
  #closing = false;

  private constructor(fd: number, number: number, path: string, now: number) {
    this.fd = fd;
    this.number = number;
    this.path = path;
    this.openedAt = now;
    this.#inode = fstatSync(fd).ino;
  }

  /**
   * Creates the segment after number `last`. A number that is taken is passed over: what stands in that file is not
   * this writer's.
   *
   * @param flags `O_APPEND` where each write goes to the end, 0 where it names its place.
   * @throws what the file system throws.
   */
  static create(home: StreamHome, last: number, now: number, flags: number): SegmentFile {
    const open = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | flags;
    for (let number = last + 1; ; number++) {
      const path = join(home.directory, segmentName(number));
      try {
        return new SegmentFile(createFile(path, open, home.access), number, path, now);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Whether exactly the whole lines are in the file: no part of a line that could not be finished. */
  isWhole(): boolean {
    try {
      return fstatSync(this.fd).size === this.size;
    } catch {
      // A descriptor that cannot even be asked is not one to write to.
      return false;
    }
  }

  /** Whether the file was removed, or the descriptor is no longer ours; what was written is gone then. */
  isGone(): boolean {
    try {
      const { ino, nlink } = fstatSync(this.fd);
      return nlink === 0 || ino !== this.#inode;
    } catch {
      return true;
    }
  }

  /** A write in the background starts. */
  begin(): void {
    this.#underWay++;
  }

  /** One of them is through. */
  settle(): void {
    this.#underWay--;
    if (this.#closing) this.close();
  }

  /** Closes the file, once no write in the background can hit whatever gets its descriptor next. */
  close(): void {
    this.#closing = true;
    if (this.#underWay > 0) return;
    try {
      // A descriptor that somebody else closed may by now be somebody else's.
      if (fstatSync(this.fd).ino === this.#inode) closeSync(this.fd);
    } catch {
      // Closed already, or the disk says at the end what it did not say before: each write had its answer.
    }
  }
}
