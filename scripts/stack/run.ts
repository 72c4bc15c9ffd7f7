// Starts the stack on loopback until Ctrl-C: `npm run stack [-- part…]`. Leaves nothing behind.
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { tailOf } from './command.ts';
import { forPeople, forPrograms, shellFile } from './description.ts';
import { Interrupted, StackError } from './part.ts';
import { Progress } from './progress.ts';
import { type StartedPart, startParts, stopParts } from './start.ts';
import { readArguments, stackUsage } from './usage.ts';

const progress = new Progress();
const stop = new AbortController();
const stopped = new Promise<undefined>((resolve) => {
  stop.signal.addEventListener('abort', () => resolve(undefined), { once: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait: processes are killed on exit.
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(new Interrupted());
  });
}
// Who reads may have gone; that is no reason to leave anything behind.
for (const out of [process.stdout, process.stderr]) out.on('error', () => {});

/** How a part has ended by itself, and what it said last. */
async function crash([{ title }, { ended, facts }]: StartedPart): Promise<string> {
  const how = await ended;
  const log = facts.find(([label]) => label === 'log')?.[1];
  return `${title} has ended by itself: ${how}.${log ? ` The end of its log:\n${await tailOf(log)}` : ''}`;
}

async function runStack(names: readonly string[], json: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-stack-'));
  // A process that was killed may take a moment to be gone.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const running: StartedPart[] = [];
  try {
    await startParts(names, { folder, progress, running, signal: stop.signal });
    const file = join(folder, 'env');
    await writeFile(file, shellFile(running), { mode: 0o600 });
    process.stdout.write(`${json ? forPrograms(running, file) : forPeople(running, file)}\n`);
    const reason = await Promise.race([stopped, ...running.map(crash)]);
    if (reason !== undefined) throw new StackError(reason);
  } finally {
    if (running.length > 0) await progress.step('stop', () => stopParts(running));
  }
}

try {
  const { names, help, json } = readArguments('stack', process.argv.slice(2));
  if (help) process.stdout.write(stackUsage(process.env));
  else await runStack(names, json);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  progress.say(error.message);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
// Handlers of signals keep a process alive no longer than it has work; a second Ctrl-C must not find one waiting.
process.exit();
