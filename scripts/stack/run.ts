// Starts the stack on loopback until Ctrl-C: `npm run stack [-- part…]`. Leaves nothing behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackError } from './part.ts';
import { Progress } from './progress.ts';
import { type StartedPart, startParts, stopParts } from './start.ts';

const progress = new Progress();
const folder = await mkdtemp(join(tmpdir(), 'botaudit-stack-'));
const running: StartedPart[] = [];
const stopRequested = new Promise<undefined>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(undefined));
});

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
  await startParts(process.argv.slice(2), folder, progress, running);
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
  await stopParts(running);
  await rm(folder, { recursive: true, force: true });
}
// Handlers of signals keep a process alive no longer than it has work; a second Ctrl-C must not find one waiting.
process.exit();
