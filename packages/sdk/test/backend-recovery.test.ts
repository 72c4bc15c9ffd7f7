import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRecord } from '@botaudit/record';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Backend, startBackend } from '../src/index.js';
import { names, recordsIn, streamsIn } from './journal-of.js';

const FIXTURE = fileURLToPath(new URL('./fixtures/dying.mjs', import.meta.url));

let directory: string;
const started: Backend[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'botaudit-recovery-'));
});
afterEach(async () => {
  for (const backend of started.splice(0)) await backend.shutdown();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a bot that is killed; gives its stream and the attempt that it left open. */
function killed(): { stream: string; attempt: string } {
  const before = new Set(streams());
  const env = { PATH: process.env.PATH, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' };
  const { stdout, signal } = spawnSync(process.execPath, [FIXTURE], { env, encoding: 'utf8' });
  expect(signal).toBe('SIGKILL');
  return { stream: streams().find((name) => !before.has(name)) ?? '', attempt: stdout };
}

function streams(): string[] {
  try {
    return readdirSync(join(directory, 'streams'));
  } catch {
    return []; // The first bot makes the folder.
  }
}

function start(): Backend {
  const env = { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' };
  const backend = startBackend({ env, cwd: directory, say: () => {} });
  started.push(backend);
  backend.write({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success', actor: backend.self });
  return backend;
}

const recoveries = (): AuditRecord[] =>
  streamsIn(directory).flatMap((records) => records.filter(({ eventName }) => eventName === 'audit.stream.recovered'));

async function untilRecovered(count: number): Promise<AuditRecord[]> {
  const deadline = performance.now() + 10_000;
  while (recoveries().length < count) {
    if (performance.now() > deadline) throw new Error(`${recoveries().length} of ${count} were reported`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return recoveries();
}

it('the next start reports a stream whose process was killed: its tip, torn bytes, and attempts without an outcome', async () => {
  const { stream, attempt } = killed();
  const folder = join(directory, 'streams', stream);
  const before = recordsIn(folder);
  expect(names(before).at(-1)).toBe('bot.member.ban');
  appendFileSync(join(folder, '00000001.ndjson'), '{"Attributes":{"audit.act');
  start();
  const [recovered] = await untilRecovered(1);
  expect(recovered?.attributes['audit.target.id']).toBe(`stream:${stream}`);
  expect(recovered?.body).toEqual({
    stream_id: stream,
    number: 4,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    torn_bytes: 25,
    open_attempts: [attempt],
    open_attempt_count: 1,
    records: 4,
    damaged_lines: 0,
  });
  // Nothing is ever written into another's stream.
  expect(names(recordsIn(folder))).toEqual(names(before));
});

it('it is reported once, however often the bot starts', async () => {
  killed();
  await start().shutdown();
  start();
  await untilRecovered(1);
  for (let run = 0; run < 3; run++) {
    const backend = start();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    await backend.shutdown();
  }
  expect(recoveries()).toHaveLength(1);
});

it('each of several is reported', async () => {
  const dead = [killed(), killed(), killed()].map(({ stream }) => stream);
  start();
  const reported = (await untilRecovered(3)).map(({ body }) => body?.stream_id);
  expect(reported.sort()).toEqual(dead.sort());
});
