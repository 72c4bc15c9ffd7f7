import { constants } from 'node:fs';
import { createFile } from '../../src/access.js';
import { closeSync, current, statSync } from './file-system.js';

/* The locks of `src/file-lock.ts`, of a process on a simulated disk: they end with it. */

export class FileLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static acquire(path: string): FileLock | 'held' {
    if (!statSync(path, { throwIfNoEntry: false })) {
      closeSync(createFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, {}));
    }
    if (current().locks.has(path)) return 'held';
    current().locks.add(path);
    return new FileLock(path);
  }

  release(): void {
    current().locks.delete(this.#path);
  }
}

export function probeLock(path: string): 'held' | 'free' | 'missing' {
  if (!statSync(path, { throwIfNoEntry: false })) return 'missing';
  return current().locks.has(path) ? 'held' : 'free';
}
