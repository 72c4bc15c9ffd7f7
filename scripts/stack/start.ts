import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { partCache } from './cache.ts';
import { killChildren } from './children.ts';
import { Interrupted, type Part, type RunningPart, StackError, type StartContext } from './part.ts';
import { selectParts } from './parts/index.ts';
import type { Progress } from './progress.ts';

/** A part that runs, and what it is. */
export type StartedPart = readonly [Part, RunningPart];

/** How parts are started. */
export interface StartOptions {
  /** Where each part gets a folder of its own; exists. */
  readonly folder: string;
  readonly progress: Progress;
  /** A part is added as soon as it runs, so that the caller can stop those when a later one fails. */
  readonly running: StartedPart[];
  /** Aborted when there is to be nothing of it. */
  readonly signal?: AbortSignal;
}

/** Somebody else can be faster at a port that was free. */
const ATTEMPTS = 3;
const TAKEN = /address already in use|EADDRINUSE|BindException/i;

const KILL_INTERVAL_MS = 50;

/**
 * Starts parts, each with what it needs of those before it.
 *
 * @param names which; all of them when none is named.
 * @throws {Interrupted} when the signal is aborted; what was started is ended then.
 * @throws {StackError} when one is not installed, or does not become ready.
 */
export async function startParts(names: readonly string[], options: StartOptions): Promise<void> {
  const { folder, progress, running, signal = new AbortController().signal } = options;
  // A part that does not run as root must get to its own folder in here; what is in those is closed to others.
  await chmod(folder, 0o711);
  for (const part of selectParts(names)) {
    const cache = await partCache(process.env, part.name);
    const installed = await part.locate({ env: process.env, cache, progress });
    if (!installed) {
      throw new StackError(`${part.title} is not installed. Run: npm run stack:install -- ${part.name}`);
    }
    const others = new Map(running.map(([{ name }, other]) => [name, other]));
    const start = () => startPart(part, { installed, folder: join(folder, part.name), others }, cache);
    running.push([part, await progress.step(part.name, () => unlessAborted(start, signal))]);
  }
}

/** Stops parts, the last one first. */
export async function stopParts(running: readonly StartedPart[]): Promise<void> {
  for (const [, part] of running.toReversed()) await part.stop();
}

async function startPart(part: Part, context: StartContext, cache: string): Promise<RunningPart> {
  for (let attempt = 1; ; attempt++) {
    const folder = attempt === 1 ? context.folder : `${context.folder}-${attempt}`;
    await mkdir(folder, { mode: 0o700 });
    try {
      return await part.start({ ...context, folder });
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
      if (attempt < ATTEMPTS && TAKEN.test(error.message)) continue;
      throw new StackError(`${part.title} did not start: ${error.message}\n${await advice(part, folder, cache)}`);
    }
  }
}

/** What to do when a part does not start. Its log is kept, where nobody would look for it otherwise. */
async function advice(part: Part, folder: string, cache: string): Promise<string> {
  const [log] = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const kept = join(cache, 'failed-start.log');
  if (log) await copyFile(join(folder, log), kept);
  return [
    ...(log ? [`All of its log: ${kept}`] : []),
    `It takes ${part.memory} of memory. ${part.instead ? `To use one that you have: ${part.instead[0]}. ` : ''}To leave it out, name the others: npm run stack -- --help`,
  ].join('\n');
}

/** Starts something, and ends all processes when that is to stop, until it has. */
async function unlessAborted<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const work = start();
  const settled = work.then(
    () => true,
    () => true,
  );
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await Promise.race([settled, aborted]);
  while (signal.aborted && (await Promise.race([settled, wait(KILL_INTERVAL_MS)])) === undefined) await killChildren();
  return work.catch((error: unknown) => {
    throw signal.aborted ? new Interrupted() : error;
  });
}
