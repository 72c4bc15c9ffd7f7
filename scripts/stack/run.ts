// Starts the stack on loopback until Ctrl-C: `npm run stack [-- part…]`. Leaves nothing behind.
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partCache } from './cache.ts';
import { type Part, type RunningPart, StackError } from './part.ts';
import { selectParts } from './parts/index.ts';
import { Progress } from './progress.ts';

const progress = new Progress();
const folder = await mkdtemp(join(tmpdir(), 'botaudit-stack-'));
const running: (readonly [Part, RunningPart])[] = [];
const stopRequested = new Promise<undefined>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(undefined));
});

async function startAll(): Promise<void> {
  // A part that does not run as root must get to its own folder in here; what is in those is closed to others.
  await chmod(folder, 0o711);
  for (const part of selectParts(process.argv.slice(2))) {
    const cache = await partCache(process.env, part.name);
    const installed = await part.locate({ env: process.env, cache, progress });
    if (!installed) throw new StackError(`${part.title} is not installed. Run: npm run stack:install`);
    const own = join(folder, part.name);
    await mkdir(own, { mode: 0o700 });
    const others = new Map(running.map(([{ name }, other]) => [name, other]));
    running.push([part, await progress.step(part.name, () => part.start({ installed, folder: own, others }))]);
  }
}

function describe(): string {
  const lines = ['', 'The stack is up. Ctrl-C stops it, and removes what it holds.'];
  const variables = running.flatMap(([, { botEnv }]) => Object.entries(botEnv));
  if (variables.length > 0) lines.push('', 'A bot that ships to it is started with');
  for (const [name, value] of variables) lines.push(`  export ${name}='${value}'`);
  for (const [part, { facts }] of running) {
    lines.push('', part.title);
    const width = Math.max(...facts.map(([label]) => label.length));
    for (const [label, value] of facts) lines.push(`  ${label.padEnd(width)}  ${value}`);
  }
  return lines.join('\n');
}

try {
  await startAll();
  console.log(describe());
  const crash = await Promise.race([
    stopRequested,
    ...running.map(async ([part, { ended }]) => `${part.title} has ended by itself: ${await ended}`),
  ]);
  if (crash !== undefined) throw new StackError(crash);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  progress.say(error.message);
  process.exitCode = 1;
} finally {
  for (const [, part] of running.reverse()) await part.stop();
  await rm(folder, { recursive: true, force: true });
}
// Handlers of signals keep a process alive no longer than it has work; a second Ctrl-C must not find one waiting.
process.exit();
