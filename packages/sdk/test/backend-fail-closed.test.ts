import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { AuditUnavailableError, record, registerBackend, unregisterBackend } from '@botaudit/api';
import type { Meter } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../src/index.js';
import { names, onlyStreamIn } from './journal-of.js';
import { writePolicy } from './policy-of.js';
import { directory, event, said, start, started, until } from './running-backend.js';

const ban = event({ name: 'bot.member.ban', action: 'BAN', attributes: { 'bot.framework': 'grammy' } });
const attempt = event({ ...ban, outcome: 'unknown', attributes: { ...ban.attributes, 'bot.action.stage': 'attempt' } });
const outcome = event({ ...ban, attributes: { ...ban.attributes, 'bot.action.stage': 'outcome' } });

/** The error that writing throws. */
function refusal(write: () => unknown): AuditUnavailableError {
  try {
    write();
  } catch (error) {
    expect(error).toBeInstanceOf(AuditUnavailableError);
    return error as AuditUnavailableError;
  }
  throw new Error('it was written');
}

function metricsIn(folder: string): string {
  const streams = join(folder, 'streams');
  return readFileSync(join(streams, readdirSync(streams)[0] as string, 'metrics.json'), 'utf8');
}

describe('what fails closed', () => {
  it('is refused once the stream is closed, for good', async () => {
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = start();
    backend.write(attempt);
    await backend.shutdown();
    expect(refusal(() => backend.write(attempt))).toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
      passing: false,
      message: 'bot.member.ban could not be recorded: The audit stream of this thread is closed',
    });
    expect(said.at(-1)).toBe("bot.member.ban IS REFUSED (ECLOSED): it fails closed and can't be recorded");
  });

  it('is refused where records can only be kept in memory, which is said; all else goes on', async () => {
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    chmodSync(directory, 0o755);
    const child = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/refused.mjs', import.meta.url))], {
      // Where nobody can write, and nobody is meant: root could.
      ...(process.getuid?.() === 0 && { uid: 65_534, gid: 65_534 }),
      cwd: '/proc',
      env: { BOTAUDIT_CONFIG: join(directory, 'botaudit.yaml'), BOTAUDIT_METRICS: 'off', TMPDIR: '/dev/null' },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(JSON.parse(stdout)).toEqual([
      {
        name: 'AuditUnavailableError',
        code: 'ERR_AUDIT_UNAVAILABLE',
        passing: false,
        cause: { code: 'EMEMORY' },
        message: 'bot.member.ban fails closed, and records can only be kept in memory: no folder can be written',
      },
      'string',
      // It has happened, and is better kept in memory than not at all.
      'string',
    ]);
    expect(stderr).toContain('no folder can be written: records are kept in memory');
    expect(stderr).toContain('WHAT FAILS CLOSED WILL NOT HAPPEN');
  });

  it('is on disk when the write returns, also with durability memory', () => {
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = start({ BOTAUDIT_DURABILITY: 'memory' });
    backend.write(event());
    const id = backend.write(attempt);
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.policy.loaded',
      'bot.message.send',
      'bot.member.ban',
    ]);
    expect(records.at(-1)?.attributes['audit.record.id']).toBe(id);
  });

  it('of the application is refused by record(), and nothing else is', async () => {
    writePolicy(directory, '{ event: payment.*, fail_closed: true }');
    const backend = start();
    registerBackend(backend);
    try {
      const payment = { name: 'payment.transfer', action: 'TRANSFER', outcome: 'success' } as const;
      expect(record(payment)).toBeDefined();
      await backend.shutdown();
      expect(() => record(payment)).toThrow(AuditUnavailableError);
      expect(metricsIn(directory)).not.toContain('"payment.transfer"');
    } finally {
      unregisterBackend();
    }
  });

  it('is refused where auditing can not be started at all', () => {
    const fails = () => {
      throw new RangeError('no such meter');
    };
    const broken = new Proxy({} as Meter, { get: () => fails });
    const begin = (): Backend =>
      startBackend({
        env: { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' },
        cwd: directory,
        say: (message) => said.push(message),
        meter: broken,
      });
    expect(begin).toThrow(RangeError);
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = begin();
    expect(said.at(-1)).toMatch(/NOTHING IS AUDITED, AND WHAT FAILS CLOSED WILL NOT HAPPEN: no such meter$/);
    expect(backend.decide({ name: 'bot.member.ban' }).failClosed).toBe(true);
    expect(backend.decide({ name: 'bot.message.send' }).failClosed).toBe(false);
    const error = refusal(() => backend.write(attempt));
    expect(error).toMatchObject({ passing: false, cause: { message: 'no such meter' } });
  });

  it('can not be what no record can be made of', () => {
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = start();
    expect(() => backend.write(event({ ...attempt, action: '' }))).toThrow('action is missing');
    backend.write(attempt);
    expect(names(onlyStreamIn(directory))).toEqual(['audit.stream.opened', 'audit.policy.loaded', 'bot.member.ban']);
  });
});

describe('on a full disk, what fails closed', () => {
  let mounted = false;
  beforeEach(() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', directory], { stdio: 'ignore' });
      mounted = true;
    } catch {
      mounted = false; // Not allowed to here.
    }
  });
  afterEach(async () => {
    for (const backend of started.splice(0)) await backend.shutdown();
    if (mounted) execFileSync('umount', ['-l', directory]);
  });

  /** Writes until the disk takes nothing more. */
  function fill(): string {
    const filler = join(directory, 'filler');
    for (let size = 300_000; size >= 1; size = Math.floor(size / 2)) {
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // A smaller piece may fit yet.
      }
    }
    return filler;
  }

  it('is refused, counted, and on the chain apart from what was lost, when there is room again', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = start();
    expect(backend.write(attempt)).toBeDefined();
    const filler = fill();
    let refused = 0;
    let lost = 0;
    // What is left of the last page of the journal takes a record or two yet.
    await until(() => {
      try {
        backend.write(attempt);
      } catch (error) {
        expect(error).toMatchObject({ passing: true, cause: { code: 'ENOSPC' } });
        // Also where it was another record that could not be written before it.
        expect((error as Error).message).toMatch(/^bot\.member\.ban could not be recorded: .*\(ENOSPC\)$/);
        refused++;
      }
      return refused === 20;
    });
    for (const written of [event(), outcome]) {
      expect(() => backend.write(written)).toThrow(AuditUnavailableError);
      lost++;
    }
    rmSync(filler);
    await until(() => {
      try {
        return backend.write(attempt);
      } catch {
        refused++;
        return undefined;
      }
    });
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    const found = records.findIndex(({ eventName }) => eventName === 'audit.records.lost');
    expect(names(records).slice(found)).toEqual([
      'audit.records.lost',
      'audit.actions.refused',
      'bot.member.ban',
      'audit.stream.closed',
    ]);
    expect(records[found]?.body).toMatchObject({ records: lost, reasons: [{ reason: 'ENOSPC', records: lost }] });
    const told = records[found + 1];
    expect(told?.body).toEqual({
      refused: [{ event: 'bot.member.ban', framework: 'grammy', reason: 'ENOSPC', times: refused }],
      since: expect.any(String),
      until: expect.any(String),
    });
    expect(told?.attributes).toMatchObject({ 'audit.action': 'REJECT', 'audit.target.type': 'event' });
    expect(said.join('\n')).toContain('bot.member.ban IS REFUSED (ENOSPC)');
    expect(metricsIn(directory)).toContain(
      `{"value":${refused},"labels":{"framework":"grammy","event":"bot.member.ban","reason":"ENOSPC"}}`,
    );
  });

  it('is refused from the very start, when not even the stream can be opened', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const filler = fill();
    const backend = start();
    expect(refusal(() => backend.write(attempt)).passing).toBe(true);
    rmSync(filler);
    await until(() => {
      try {
        return backend.write(attempt);
      } catch {
        return undefined;
      }
    });
    await backend.shutdown();
    const told = names(onlyStreamIn(directory));
    expect(told).toEqual([
      'audit.stream.opened',
      'audit.actions.refused',
      'audit.policy.loaded',
      'bot.member.ban',
      'audit.stream.closed',
    ]);
  });

  it('that stays full to the end, is said, since it can not be recorded', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    writePolicy(directory, '{ risk: high, fail_closed: true }');
    const backend = start();
    backend.write(event());
    fill();
    let refused = 0;
    for (let index = 0; index < 100; index++) {
      try {
        backend.write(attempt);
      } catch {
        refused++;
      }
    }
    await backend.shutdown();
    expect(said.at(-1)).toBe(
      `what fails closed was refused ${refused} times, which could not be put on record before the end`,
    );
  });
});
