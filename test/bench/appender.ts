// A process that appends records as fast as it can and says how long that took, as JSON. usage: appender.ts DIRECTORY COUNT,
// by the real backend, which the environment configures; or appender.ts --floor FILE COUNT, a bare `writeSync` of the
// records' lines, as often as it takes, into FILE, from FILE.lines.
import { openSync, readFileSync, writeSync } from 'node:fs';
import { startBackend } from '@botaudit/sdk';
import { auditEvent } from './comparison/record.ts';

/** What it says: seconds until the last call returned, and until all were acknowledged where there is an endpoint. */
export interface Appended {
  readonly appended: number;
  readonly acknowledged: number;
}

const BURST = 500;

async function bursts(count: number, append: (number: number) => void): Promise<void> {
  for (let number = 0; number < count; number++) {
    append(number);
    // So that the bot's other work, and the background's messages, get their turn.
    if (number % BURST === BURST - 1) await new Promise(setImmediate);
  }
}

async function byBackend(directory: string, count: number): Promise<Appended> {
  const backend = startBackend({
    env: { ...process.env, BOTAUDIT_DIR: directory },
    cwd: directory,
    say: () => undefined,
  });
  const append = (number: number) => void backend.write(auditEvent(number));
  const started = performance.now();
  await bursts(count, append);
  const appended = (performance.now() - started) / 1_000;
  await backend.shutdown();
  return { appended, acknowledged: (performance.now() - started) / 1_000 };
}

async function floor(path: string, count: number): Promise<Appended> {
  const lines = readFileSync(`${path}.lines`, 'utf8').split(/(?<=\n)/);
  const file = openSync(path, 'a', 0o600);
  const started = performance.now();
  await bursts(count, (number) => writeSync(file, lines[number % lines.length] ?? ''));
  const appended = (performance.now() - started) / 1_000;
  return { appended, acknowledged: appended };
}

const [first = '', second = '', third = ''] = process.argv.slice(2);
const said = first === '--floor' ? await floor(second, Number(third)) : await byBackend(first, Number(second));
process.stdout.write(JSON.stringify(said));
