import type { DatabaseSync } from 'node:sqlite';
import { type Access, createFile } from './access.js';
import { errorCode, JournalFormatError } from './errors.js';
import { closeSync, constants, lstatSync } from './file-system.js';
import { loadSqlite } from './sqlite.js';

/** SQLite's result codes (primary part), https://sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/**
 * A lock of the operating system on a file, held until it is released or the process is gone, however it goes. A stopped
 * process keeps it; a process that got the same pid does not. Node has no lock of its own, so SQLite's exclusive
 * transaction serves: nothing is ever written, and the file stays empty.
 *
 * The file must never be opened in this process by other means: closing any descriptor of it would drop the lock
 * (that is how POSIX has it; SQLite takes care of its own).
 */
export class FileLock {
  /**
   * All that are held in this thread. Whoever forgets about one, such as a writer that is never closed, holds it all the
   * same: the garbage collector would close the database, and a living writer would be taken for dead.
   */
  static readonly #held = new Set<FileLock>();
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Takes the lock, creating the file when needed.
   *
   * @param patienceMs how long to wait for another holder to let go, ms; it blocks the thread. Default 0.
   * @returns the lock; `'held'` when another holder has it; `'unsupported'` where there are no locks: this Node has no
   * SQLite, or the file system does not lock.
   * @throws {JournalFormatError} when something else than a file is in its place.
   * @throws what the file system throws when the file can't be created.
   */
  static acquire(path: string, access: Access, patienceMs = 0): FileLock | 'held' | 'unsupported' {
    createEmpty(path, access);
    const sqlite = loadSqlite();
    if (!sqlite) return 'unsupported';
    let database: DatabaseSync | undefined;
    try {
      database = new sqlite.DatabaseSync(path);
      // The journal in memory: otherwise an empty `lock-journal` is made beside the lock.
      database.exec(`PRAGMA busy_timeout = ${patienceMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
      const lock = new FileLock(database);
      FileLock.#held.add(lock);
      return lock;
    } catch (error) {
      database?.close();
      return isHeld(error) ? 'held' : 'unsupported';
    }
  }

  /** Lets go. Doing so twice is harmless. */
  release(): void {
    FileLock.#held.delete(this);
    if (this.#database.isOpen) this.#database.close();
  }
}

/**
 * Whether somebody holds the lock on `path`. Asks for a shared lock, so that any number may ask at once without taking
 * one another for the holder, and reading rights are enough.
 *
 * @returns `'unknown'` when it can't be told: no rights, no locks, no SQLite. `'missing'` when there is no such file.
 */
export function probeLock(path: string): 'held' | 'free' | 'missing' | 'unknown' {
  try {
    // A pipe would keep SQLite waiting, a link lead elsewhere.
    if (!lstatSync(path).isFile()) return 'unknown';
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? 'missing' : 'unknown';
  }
  const sqlite = loadSqlite();
  if (!sqlite) return 'unknown';
  let database: DatabaseSync | undefined;
  try {
    database = new sqlite.DatabaseSync(path, { readOnly: true });
    database.exec('SELECT 1 FROM sqlite_master');
    return 'free';
  } catch (error) {
    if (isHeld(error)) return 'held';
    const code = primaryCode(error);
    // SQLite looks at the content after it got the lock: whatever somebody put there, nobody holds it.
    return code === SQLITE_NOTADB || code === SQLITE_CORRUPT ? 'free' : 'unknown';
  } finally {
    database?.close();
  }
}

/** SQLite would create the file readable for everybody; and an existing one must not be opened by us (see above). */
function createEmpty(path: string, access: Access): void {
  try {
    closeSync(createFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, access));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    // A pipe in its place would keep SQLite waiting.
    if (!lstatSync(path).isFile()) throw new JournalFormatError(path, 'is not a regular file');
  }
}

function isHeld(error: unknown): boolean {
  const code = primaryCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
