import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { partCache } from './cache.ts';
import { type Part, type RunningPart, StackError } from './part.ts';
import { selectParts } from './parts/index.ts';
import type { Progress } from './progress.ts';

/** A part that runs, and what it is. */
export type StartedPart = readonly [Part, RunningPart];

/**
 * Starts parts, each with what it needs of those before it.
 *
 * @param names which; all of them when none is named.
 * @param folder where each part gets a folder of its own; exists.
 * @param running to which a part is added as soon as it runs, so that the caller can stop those when a later one fails.
 * @throws {StackError} when one is not installed, or does not become ready.
 */
export async function startParts(
  names: readonly string[],
  folder: string,
  progress: Progress,
  running: StartedPart[],
): Promise<void> {
  // A part that does not run as root must get to its own folder in here; what is in those is closed to others.
  await chmod(folder, 0o711);
  for (const part of selectParts(names)) {
    const cache = await partCache(process.env, part.name);
    const installed = await part.locate({ env: process.env, cache, progress });
    if (!installed) throw new StackError(`${part.title} is not installed. Run: npm run stack:install`);
    const own = join(folder, part.name);
    await mkdir(own, { mode: 0o700 });
    const others = new Map(running.map(([{ name }, other]) => [name, other]));
    running.push([part, await progress.step(part.name, () => part.start({ installed, folder: own, others }))]);
  }
}

/** Stops parts, the last one first. */
export async function stopParts(running: readonly StartedPart[]): Promise<void> {
  for (const [, part] of running.toReversed()) await part.stop();
}
