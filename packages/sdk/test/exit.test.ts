import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRecord } from '@botaudit/record';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { names, onlyStreamIn, streamsIn } from './journal-of.js';
import { writePolicy } from './policy-of.js';

const FIXTURE = fileURLToPath(new URL('./fixtures/ending.mjs', import.meta.url));

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-exit-'));
});
/** None may stay behind when a test fails. */
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

/** Runs a bot to its end; `during` is called once it is ready. */
async function run(
  ending: string,
  { env = {}, during }: { env?: Record<string, string>; during?: (child: ChildProcess) => unknown } = {},
): Promise<End & { stderr: string; directory: string }> {
  const directory = join(folder, String(count++));
  const child = spawn(process.execPath, [FIXTURE, ending], {
    env: { PATH: process.env.PATH, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', ...env },
    stdio: 'pipe',
  });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (during && stdout.includes('ready')) {
      during(child);
      during = undefined;
    }
  });
  const [code, signal] = await once(child, 'close');
  children.delete(child);
  return { code, signal, stdout, stderr, directory };
}

/** Runs a bot by itself and audited, and checks that it ends the same. */
async function compare(ending: string, options: Parameters<typeof run>[1] = {}) {
  const audited = { ...options, env: { ...options.env, AUDITED: '1' } };
  const [alone, watched] = await Promise.all([run(ending, options), run(ending, audited)]);
  const end = ({ code, signal, stdout }: End) => ({ code, signal, stdout });
  expect(end(watched)).toEqual(end(alone));
  return watched;
}

function expectClosed(records: readonly AuditRecord[]): void {
  expect(names(records)[0]).toBe('audit.stream.opened');
  const ends = records.map(({ attributes }) => attributes['audit.sequence.end']);
  expect(ends.indexOf(true)).toBe(records.length - 1);
  expect(records.at(-1)?.eventName).toBe('audit.stream.closed');
}

describe('a bot ends as it would without us, and its stream is closed', () => {
  it.concurrent.each([
    ['naturally', 0],
    ['exit3', 3],
    ['exitCode', 4],
    ['exitListener', 0],
    ['exitInExitListener', 7],
  ])('%s', async (ending, code) => {
    const end = await compare(ending);
    expect(end.code).toBe(code);
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)).toContain('bot.message.send');
  });

  it.concurrent('with what an exit listener of its own still does on record', async () => {
    const { directory } = await compare('exitListener');
    expect(names(onlyStreamIn(directory)).slice(-2)).toEqual(['at.exit', 'audit.stream.closed']);
  });

  it.concurrent('when it did nothing after its framework was loaded', async () => {
    const { directory } = await compare('withNothingDone');
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual(['audit.stream.opened', 'audit.stream.closed']);
    expect(records[0]?.body).toMatchObject({
      frameworks: [{ name: 'grammy', version: '1.46.0', supported: true }],
      bots: [{ id: 'telegram:7', platform: 'telegram' }],
    });
  });

  it.concurrent('and leaves no trace when it has no framework and no event', async () => {
    const { directory, stderr } = await compare('unused');
    expect(() => streamsIn(directory)).toThrow('ENOENT');
    expect(stderr).toBe('');
  });

  it.concurrent.each(['process', 'memory', 'power'])(
    'with all of 5,000 actions of one tick, durability %s',
    async (durability) => {
      const { directory } = await compare('manyActions', { env: { BOTAUDIT_DURABILITY: durability } });
      const records = onlyStreamIn(directory);
      expectClosed(records);
      expect(names(records).filter((name) => name === 'bot.message.send')).toHaveLength(5_000);
    },
  );
});

describe('a bot that crashes', () => {
  it.concurrent.each([
    ['thrown', 'RangeError', 'uncaughtException'],
    ['rejected', 'SyntaxError', 'unhandledRejection'],
  ])('by an error %s', async (ending, type, origin) => {
    const end = await compare(ending);
    expect(end.code).toBe(1);
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    const crash = records.find(({ eventName }) => eventName === 'bot.crashed');
    expect(crash?.attributes).toMatchObject({
      'audit.outcome': 'failure',
      'audit.reason': origin,
      'error.type': type,
      'bot.id': 'telegram:7',
    });
    expect(JSON.stringify(records)).not.toMatch(/oops|AAHdqTcv/);
  });

  it.concurrent('and goes on, since it handles the error, has not crashed', async () => {
    const end = await compare('thrownAndHandled');
    expect(end.code).toBe(0);
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)).toEqual(['audit.stream.opened', 'after.crash', 'audit.stream.closed']);
  });

  it.concurrent('and ends itself, since it handles the error, has crashed, when the error came', async () => {
    const end = await compare('thrownAndEnded');
    expect(end.code).toBe(9);
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    const [, after, crash] = records;
    expect(names(records).slice(1, 3)).toEqual(['after.crash', 'bot.crashed']);
    expect(crash?.attributes).toMatchObject({ 'error.type': 'RangeError', 'bot.id': 'telegram:7' });
    expect(crash?.attributes['audit.reason']).toContain("left to the application's handler");
    expect(BigInt(crash?.timestamp ?? 0)).toBeLessThanOrEqual(BigInt(after?.timestamp ?? 0));
  });

  it.concurrent('in an exit listener', async () => {
    const end = await compare('thrownInExitListener');
    expect(end.code).toBe(1);
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)).toContain('bot.crashed');
  });
});

describe('a signal', () => {
  it.concurrent.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'that the bot does not handle ends it: %s',
    async (signal) => {
      const end = await compare('signal', { during: (child) => child.kill(signal) });
      expect(end).toMatchObject({ code: null, signal });
      const records = onlyStreamIn(end.directory);
      expectClosed(records);
      expect(names(records).slice(-2)).toEqual(['bot.stopping', 'audit.stream.closed']);
      expect(records.at(-2)?.attributes).toMatchObject({ 'audit.reason': signal, 'bot.id': 'telegram:7' });
    },
  );

  it.concurrent.each([
    ['gracefulSignal', 5],
    ['gracefulSignalSetBefore', 6],
  ])('that the bot handles with once is its own to handle: %s', async (ending, code) => {
    const end = await compare(ending, { during: (child) => child.kill('SIGTERM') });
    expect(end).toMatchObject({ code, signal: null, stdout: 'ready\nstopping\n' });
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records).slice(-3)).toEqual(['bot.stopping', 'during.shutdown', 'audit.stream.closed']);
  });

  it.concurrent('leaves no record where the policy leaves that out', async () => {
    writePolicy(folder, '{ event: bot.stopping, level: none }');
    const env = { BOTAUDIT_CONFIG: join(folder, 'botaudit.yaml') };
    const end = await compare('signal', { env, during: (child) => child.kill('SIGTERM') });
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)[1]).toBe('audit.policy.loaded');
    expect(names(records)).not.toContain('bot.stopping');
  });

  it.concurrent('that the bot handles to reload stops no bot', async () => {
    const during = (child: ChildProcess) => {
      child.stdout?.once('data', () => child.stdin?.end('stop'));
      child.kill('SIGHUP');
    };
    const end = await compare('reloadingSignal', { during });
    expect(end).toMatchObject({ code: 0, signal: null, stdout: 'ready\nreloaded\n' });
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)).not.toContain('bot.stopping');
  });

  it.concurrent('that never came, and is emitted by hand, ends nothing', async () => {
    const end = await compare('emittedSignal');
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(names(onlyStreamIn(end.directory))).not.toContain('bot.stopping');
  });

  it.concurrent('that the bot ignores ends nothing', async () => {
    const during = (child: ChildProcess) => {
      child.stdout?.once('data', () => child.stdin?.end('stop'));
      child.kill('SIGTERM');
    };
    const end = await compare('ignoredSignal', { during });
    expect(end).toMatchObject({ code: 0, signal: null, stdout: 'ready\nnot yet\n' });
    const records = onlyStreamIn(end.directory);
    expectClosed(records);
    expect(names(records)).toContain('bot.stopping');
  });

  it.concurrent.each(['SIGABRT', 'SIGQUIT'] as const)(
    'that is meant for a hung process ends one: %s',
    async (signal) => {
      const end = await compare('hanging', { during: (child) => child.kill(signal) });
      expect(end).toMatchObject({ code: null, signal });
    },
  );

  it.concurrent.each(['SIGTERM', 'SIGQUIT'] as const)('ends a bot that uses signal-exit too: %s', async (signal) => {
    const end = await compare('ownSignalExit', { during: (child) => child.kill(signal) });
    expect(end).toMatchObject({ signal, stdout: `ready\nown null ${signal}\n` });
    expectClosed(onlyStreamIn(end.directory));
  });

  it.concurrent.each(['removedListeners', 'removedListenersTwice', 'signalExitAfterRemovedListeners'])(
    'ends a bot that removed all listeners, ours too: %s',
    async (ending) => {
      const end = await compare(ending, { during: (child) => child.kill('SIGTERM') });
      expect(end).toMatchObject({ code: null, signal: 'SIGTERM' });
      const records = onlyStreamIn(end.directory);
      expectClosed(records);
      expect(names(records).slice(-2)).toEqual(['bot.stopping', 'audit.stream.closed']);
    },
  );

  it.concurrent('that nobody can see leaves the stream open', async () => {
    const end = await compare('signal', { during: (child) => child.kill('SIGKILL') });
    expect(end.signal).toBe('SIGKILL');
    expect(names(onlyStreamIn(end.directory))).toEqual(['audit.stream.opened', 'bot.message.send']);
  });

  const namespaces = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
  it.runIf(namespaces).concurrent('ends the first process of a container, which the kernel would protect', async () => {
    const directory = join(folder, 'first');
    const command = ['--pid', '--fork', '--mount-proc', process.execPath, FIXTURE, 'signal'];
    const child = spawn('unshare', command, {
      env: { PATH: process.env.PATH, BOTAUDIT_DIR: directory, AUDITED: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    // Its pid out here: unshare's only child.
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' });
    process.kill(Number(stdout), 'SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(128 + 15);
    expectClosed(onlyStreamIn(directory));
  });
});

it('a worker thread has a stream of its own, closed when it ends', async () => {
  const end = await compare('worker');
  expect(end.stdout).toBe('worker 8\n');
  const streams = streamsIn(end.directory);
  expect(streams).toHaveLength(2);
  for (const records of streams) expectClosed(records);
  expect(streams.flatMap(names)).toEqual(expect.arrayContaining(['in.main', 'in.worker']));
});

it('stdout is the application’s: what there is to say is said on stderr', async () => {
  const { stdout, stderr } = await run('naturally', { env: { AUDITED: '1' } });
  expect(stdout).toBe('');
  expect(stderr).toMatch(
    /^botaudit: records go to .*, the configured folder; they stay there, no endpoint is configured\nbotaudit: made a key to sign checkpoints, .*\n$/,
  );
});
