import { errorCode } from './errors.js';
import { closeSync, constants, fdatasyncSync, openSync } from './file-system.js';
import { SyncedEntries } from './synced-entries.js';

/**
 * Has the segment that is being written survive the loss of power. It opens it for itself: a descriptor that two threads
 * use could be closed by one while the other needs it, and of an error of the disk only the first that asks would learn.
 */
export class Syncer {
  readonly #entries = new SyncedEntries();
  #path: string | undefined;
  #fd: number | undefined;
  #isEntered = false;

  /** Takes the next segment. What is in the one before has been seen to. */
  open(path: string): void {
    this.close();
    this.#path = path;
  }

  /** Path of the segment; `undefined` when there is none. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Syncs the segment and, the first time, its entry in the folder. Throws what the file system throws. */
  sync(): void {
    if (this.#path === undefined) return;
    try {
      this.#fd ??= openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      // Removed meanwhile, which its writer finds out.
      if (errorCode(error) === 'ENOENT') return;
      throw error;
    }
    fdatasyncSync(this.#fd);
    if (!this.#isEntered) this.#entries.sync(this.#path);
    this.#isEntered = true;
  }

  /** Lets go of the segment. Never throws. */
  close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    this.#path = undefined;
    this.#isEntered = false;
    try {
      if (fd !== undefined) closeSync(fd);
    } catch {
      // Nothing was written through it that could be lost.
    }
  }
}
