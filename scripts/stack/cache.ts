import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `BOTAUDIT_CACHE_DIR`, else `XDG_CACHE_HOME/botaudit`, else `~/.cache/botaudit`: outside of any checkout. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env.BOTAUDIT_CACHE_DIR) return resolve(env.BOTAUDIT_CACHE_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'botaudit');
}

/** The folder of one part in the cache; made when it is missing. */
export async function partCache(env: NodeJS.ProcessEnv, part: string): Promise<string> {
  const folder = join(cacheDirectory(env), part);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Runs `work` in a fresh folder beside what is cached, on the same disk, so that a finished result can be renamed into
 * place, and removes the folder afterwards; also those that killed runs have left.
 */
export async function inWorkFolder<T>(cache: string, work: (folder: string) => Promise<T>): Promise<T> {
  for (const name of await readdir(cache)) {
    const pid = /^work-(\d+)-/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(cache, `work-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
