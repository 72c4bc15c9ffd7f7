import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditUnavailableError } from '@botaudit/api';
import { isAlive } from '@botaudit/journal';
import { expect, onTestFinished, test } from 'vitest';
import { Canary, loadBackendConfig, Metrics } from '../src/index.js';
import { onlyStreamIn } from './journal-of.js';
import { directory, said } from './running-backend.js';

function canary(env: Record<string, string> = {}) {
  const metrics = new Metrics();
  const all = { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', OTEL_SERVICE_NAME: 'moderator', ...env };
  const opened = new Canary({
    configuration: loadBackendConfig({ env: all, cwd: directory }),
    env: all,
    cwd: directory,
    metrics,
    say: (message) => said.push(message),
    sayOfShipping: () => {},
  });
  onTestFinished(() => opened.close());
  const measured = (name: Parameters<Metrics['one']>[0]) =>
    metrics.one(name).values.reduce((sum, { value }) => sum + value, 0);
  return { canary: opened, measured };
}

test('canaries are records of one stream, which is closed as a bot closes its own', () => {
  const { canary: one, measured } = canary();
  const written = [one.write(), one.write(), one.write()];
  expect(written.map(({ number }) => number)).toEqual([2, 3, 4]);
  expect(new Set(written.map(({ streamDirectory }) => streamDirectory)).size).toBe(1);
  expect(isAlive(written[0]!.streamDirectory)).toBe(true);
  one.close();
  const records = onlyStreamIn(directory);
  expect(records.map(({ eventName }) => eventName)).toEqual([
    'audit.stream.opened',
    'audit.canary',
    'audit.canary',
    'audit.canary',
    'audit.stream.closed',
  ]);
  expect(records[1]?.attributes).toMatchObject({
    'audit.record.id': written[0]?.id,
    'audit.actor.id': 'service:moderator',
    'audit.actor.type': 'system',
    'audit.target.id': `stream:${one.streamId}`,
  });
  expect(existsSync(`${written[0]?.streamDirectory}/metrics.json`)).toBe(true);
  // Checkpoints are records, too.
  expect(measured('audit_records_emitted_total')).toBeGreaterThanOrEqual(5);
});

test('they stand in for no bot, which would be missed otherwise', () => {
  const { canary: one, measured } = canary();
  one.write();
  expect(measured('audit_streams')).toBe(0);
  expect(measured('audit_heartbeats_total')).toBe(0);
  expect(measured('audit_events_total')).toBe(0);
});

test('says that a key was made, the first time', () => {
  canary().canary.write();
  canary().canary.write();
  expect(said).toEqual([expect.stringMatching(/^made a key to sign checkpoints, /)]);
});

test('one that can not be written is no lost record of a bot', ({ skip }) => {
  const disk = mkdtempSync(join(tmpdir(), 'botaudit-canary-'));
  onTestFinished(() => rmSync(disk, { recursive: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('needs the right to mount');
  }
  const { canary: one, measured } = canary({ BOTAUDIT_DIR: disk, BOTAUDIT_MIN_FREE_BYTES: '0' });
  onTestFinished(() => {
    one.close();
    execFileSync('umount', ['-l', disk]);
  });
  one.write();
  expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(400_000))).toThrow(/ENOSPC/);
  expect(() => {
    for (let count = 0; count < 50; count++) one.write();
  }).toThrow(AuditUnavailableError);
  expect(measured('audit_records_dropped_total')).toBe(0);
});
