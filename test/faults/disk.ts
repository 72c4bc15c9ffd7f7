import { execFile } from 'node:child_process';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);
const BLOCK = Buffer.alloc(4096);

/**
 * Mounts a small file system of its own at `path`, until the test has ended.
 *
 * @returns whether that is allowed here; it is to root, outside of most containers.
 */
export async function mountSmallDisk(path: string, options: string): Promise<boolean> {
  await mkdir(path, { recursive: true });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).then(
    () => true,
    () => false,
  );
  if (mounted) onTestFinished(async () => void (await run('umount', ['--lazy', path])));
  return mounted;
}

/** Fills the file system of `folder` to its last byte. Returns what gives the space back. */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'ballast');
  const file = await open(path, 'w');
  try {
    for (;;) await file.write(BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
  return () => rm(path);
}

/** Makes `path` a folder that nobody can write to, not even root where root can mount. */
export async function readOnlyFolder(path: string): Promise<void> {
  if (await mountSmallDisk(path, 'ro,size=1m')) return;
  await chmod(path, 0o555);
}

/** A file system in an image, that has less room below it than it knows of. */
export interface ThinDisk {
  readonly path: string;
  /** Takes the room below it away: what is written from now on can't be synced. */
  runOut(): Promise<void>;
}

/**
 * Mounts a {@link ThinDisk} below `folder`, until the test has ended.
 *
 * @returns `undefined` where that is not allowed.
 */
export async function mountThinDisk(folder: string): Promise<ThinDisk | undefined> {
  const [below, path] = [join(folder, 'below'), join(folder, 'disk')];
  if (!(await mountSmallDisk(below, 'size=24m'))) return undefined;
  const image = join(below, 'image');
  await mkdir(path);
  try {
    const file = await open(image, 'w');
    await file.truncate(64 * 1024 * 1024);
    await file.close();
    await run('mkfs.ext4', ['-q', '-O', '^has_journal', image]);
    await run('mount', ['-o', 'loop', image, path]);
  } catch {
    // No loop devices, or no such program: nothing that could be tried here.
    return undefined;
  }
  onTestFinished(async () => void (await run('umount', ['--lazy', path])));
  return { path, runOut: async () => void (await fillDisk(below)) };
}
