import { join } from 'node:path';
import { type Access, makeFolder, makeStreamFolder } from './access.js';
import { errorCode, JournalWriteError } from './errors.js';
import { FileLock } from './file-lock.js';
import { LOCK_FILE, streamsFolder } from './layout.js';
import { type StreamInfo, writeStreamInfo } from './stream-info.js';

/** Whoever asks whether the writer lives holds a shared lock for some microseconds, on a loaded machine for longer. */
const LOCK_PATIENCE_MS = 1000;

/** A stream's folder as its writer has it: made, locked, described. */
export class StreamHome {
  readonly directory: string;
  readonly access: Access;
  readonly #journal: string;
  readonly #parent: string;
  readonly #info: StreamInfo;
  #made = false;
  #lock: FileLock | undefined;
  #ready = false;

  constructor(journalDirectory: string, info: StreamInfo, access: Access) {
    this.#journal = journalDirectory;
    this.#parent = streamsFolder(journalDirectory);
    this.directory = join(this.#parent, info.streamId);
    this.#info = info;
    this.access = access;
  }

  /** Whether the lock is held; `false` where there are none. */
  get locked(): boolean {
    return this.#lock !== undefined;
  }

  /**
   * Makes the folder, takes the lock, then describes the stream: in this order, so that whoever finds a described stream
   * can rely on the lock. Goes on where an earlier try ended; does nothing when all is done.
   *
   * @throws {JournalWriteError}
   */
  prepare(): void {
    if (this.#ready) return;
    try {
      makeFolder(this.#parent, this.access);
      this.#makeOwn();
      const lock = FileLock.acquire(join(this.directory, LOCK_FILE), this.access, LOCK_PATIENCE_MS);
      // The folder is new, nobody else writes there: `held` after so long a wait is what SQLite makes of a file system
      // that fails to lock.
      this.#lock = lock instanceof FileLock ? lock : undefined;
      writeStreamInfo(this.directory, { ...this.#info, locked: this.locked }, this.access);
      this.#ready = true;
    } catch (error) {
      this.release();
      throw JournalWriteError.from(error, this.directory);
    }
  }

  /** The folder was removed under the writer: the next `prepare` makes it anew. */
  lost(): void {
    this.release();
    this.#ready = false;
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #makeOwn(): void {
    try {
      makeStreamFolder(this.directory, this.#journal, this.access);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      // From an earlier try, or left when what it held was removed.
      if (this.#made) return;
      throw new JournalWriteError('EEXIST', this.directory, 'a stream of this id is there already');
    }
    this.#made = true;
  }
}
