import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileLock } from '../src/file-lock.js';
import { Child } from './child.js';
import { afterwards, temporaryFolder } from './sample.js';

describe('a lock', () => {
  it('is waited for by a patient one, while somebody only looks at it, and refused at once to others', async () => {
    const path = join(temporaryFolder(), 'lock');
    const first = FileLock.acquire(path, {});
    if (!(first instanceof FileLock)) throw new Error(first);
    first.release();
    const child = Child.node('share.mjs', [path]);
    await child.printed(1);
    expect(FileLock.acquire(path, {})).toBe('held');

    child.process.stdin!.write('let go');
    const lock = FileLock.acquire(path, {}, 60_000);
    if (lock instanceof FileLock) afterwards(() => lock.release());
    expect(lock).toBeInstanceOf(FileLock);
  });
});
