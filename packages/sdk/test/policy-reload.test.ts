import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../src/index.js';
import { names, onlyStreamIn } from './journal-of.js';
import { policyIn, writePolicy } from './policy-of.js';
import { directory, event, said, start, until } from './running-backend.js';

const NONE = '{ event: bot.message.send, level: none }';
const CLOSED = '{ event: bot.message.send, fail_closed: true }';
const WATCHED = { BOTAUDIT_POLICY_WATCH_INTERVAL_MS: '10' };

const file = () => join(directory, 'botaudit.yaml');
/** A policy that waits to take the place of another. */
const yaml = (...rules: string[]) => `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`;
const decision = (backend: Backend) => backend.decide({ name: 'bot.message.send' });
const isNone = (backend: Backend) => until(() => decision(backend).level === 'none', 30_000);
const isClosed = (backend: Backend) => until(() => decision(backend).failClosed, 30_000);
const wasSaid = (what: string | RegExp) => until(() => said.find((line) => line.match(what)), 30_000);

function metric(name: string): { value: number; labels: Record<string, string> }[] {
  const [stream] = readdirSync(join(directory, 'streams'));
  const all = JSON.parse(readFileSync(join(directory, 'streams', stream as string, 'metrics.json'), 'utf8'));
  const list = (Array.isArray(all) ? all : all.metrics) as { name: string; values: [] }[];
  return list.find((each) => each.name === name)?.values ?? [];
}

describe('a policy that is changed in the file', () => {
  it('takes effect without a restart, and is on the chain with its rules and the hash of the one before', async () => {
    writePolicy(directory, CLOSED);
    const before = policyIn(directory).hash;
    const backend = start(WATCHED);
    backend.write(event());
    writePolicy(directory, NONE);
    await isNone(backend);
    expect(backend.write(event())).toBeUndefined();
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.policy.loaded',
      'bot.message.send',
      'audit.policy.loaded',
      'audit.stream.closed',
    ]);
    const { hash } = policyIn(directory);
    expect(hash).not.toBe(before);
    expect(records[3]?.body).toEqual({
      policy_hash: hash,
      previous_policy_hash: before,
      file: file(),
      rules: [{ event: ['bot.message.send'], level: 'none' }],
    });
    expect(records[3]?.attributes['audit.target.id']).toBe(`policy:${hash}`);
    expect(said).toContain(`the policy of ${file()} has changed and takes effect: 1 rule, hash ${hash}`);
    expect(metric('audit_policy_reloads_total')).toEqual([
      { value: 1, labels: { result: 'loaded' } },
      { value: 0, labels: { result: 'invalid' } },
    ]);
  });

  it('and is wrong leaves the one before in force, which is said, on the chain and measured, until it is right', async () => {
    writePolicy(directory, NONE);
    const { hash } = policyIn(directory);
    const backend = start(WATCHED);
    backend.write(event({ name: 'bot.member.ban', action: 'BAN' }));
    writePolicy(directory, '{ event: bot.message.send, levl: none }');
    await wasSaid('policy.rules\\[0\\].levl: unknown key');
    expect(decision(backend).level).toBe('none');
    expect(said).toContain(`THE CONFIGURATION IS WRONG; the policy from before stays in force (hash ${hash})`);
    writePolicy(directory, NONE);
    await wasSaid('is right again');
    await backend.shutdown();
    const records = onlyStreamIn(directory).slice(3, -1);
    expect(names(records)).toEqual(['audit.config.invalid', 'audit.policy.loaded']);
    expect(records[0]?.body).toEqual({
      policy_hash: hash,
      problems: [expect.stringMatching(/botaudit\.yaml:3: policy\.rules\[0\]\.levl: unknown key/)],
    });
    expect(records[0]?.attributes['audit.target.id']).toBe(file());
    expect(records[1]?.body).toMatchObject({ policy_hash: hash, previous_policy_hash: hash });
    expect(metric('audit_config_invalid')).toEqual([{ value: 0, labels: {} }]);
    expect(metric('audit_policy_reloads_total')).toEqual([
      { value: 1, labels: { result: 'loaded' } },
      { value: 1, labels: { result: 'invalid' } },
    ]);
  });

  it('stays in force while the file is wrong although a start would go on with what is safe', async () => {
    writePolicy(directory, NONE);
    const backend = start({ ...WATCHED, BOTAUDIT_ON_ERROR: 'continue' });
    writeFileSync(file(), 'disabled: true\npolicy: { rules: 1 }\n');
    await wasSaid('policy.rules: is not a list');
    expect(decision(backend).level).toBe('none');
  });

  it('stays in force when the file is removed, until there is one again', async () => {
    writePolicy(directory, NONE);
    const backend = start(WATCHED);
    rmSync(file());
    await wasSaid(`${file()}: does not exist`);
    expect(decision(backend).level).toBe('none');
    writePolicy(directory, CLOSED);
    await isClosed(backend);
  });

  it('stays in force when a pipe takes the place of the file, and nobody waits for who writes to it', async () => {
    writePolicy(directory, NONE);
    const backend = start(WATCHED);
    rmSync(file());
    execFileSync('mkfifo', [file()]);
    await wasSaid(`${file()}: is no regular file`);
    expect(decision(backend).level).toBe('none');
    rmSync(file());
    writePolicy(directory, CLOSED);
    await isClosed(backend);
  });

  it('is found where there was no file at the start', async () => {
    const backend = start(WATCHED);
    expect(decision(backend).level).toBe('metadata');
    writePolicy(directory, NONE);
    await isNone(backend);
    // Nothing is on record yet, and its beginning tells what is in force.
    backend.write(event({ name: 'bot.member.ban', action: 'BAN' }));
    await backend.shutdown();
    const [opened, loaded, ...rest] = onlyStreamIn(directory);
    expect(opened?.body).toMatchObject({ policy_hash: policyIn(directory).hash });
    expect(loaded?.body).toMatchObject({ file: file(), rules: [{ level: 'none' }] });
    expect(names(rest)).toEqual(['bot.member.ban', 'audit.stream.closed']);
  });

  it('is found when an editor renames a new file to its name, each time', async () => {
    writePolicy(directory, NONE);
    const backend = start(WATCHED);
    for (const [rule, found] of [
      [CLOSED, isClosed],
      [NONE, isNone],
      [CLOSED, isClosed],
    ] as const) {
      writeFileSync(`${file()}~`, yaml(rule));
      renameSync(`${file()}~`, file());
      await found(backend);
    }
  });

  it('is the whole one at last where it is written in place, piece by piece', async () => {
    writePolicy(directory, NONE);
    const backend = start(WATCHED);
    const descriptor = openSync(file(), 'w');
    for (const piece of yaml(CLOSED).match(/.{1,7}/gs) ?? []) {
      writeSync(descriptor, piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    closeSync(descriptor);
    await isClosed(backend);
  });

  it('is found when Kubernetes turns the link that a ConfigMap’s files go through', async () => {
    const mount = join(directory, 'config');
    const turn = (version: string, rule: string) => {
      mkdirSync(join(mount, version), { recursive: true });
      writeFileSync(join(mount, version, 'botaudit.yaml'), yaml(rule));
      symlinkSync(version, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    turn('..2026_11_24_1', NONE);
    symlinkSync(join('..data', 'botaudit.yaml'), join(mount, 'botaudit.yaml'));
    const backend = start({ ...WATCHED, BOTAUDIT_CONFIG: join(mount, 'botaudit.yaml') });
    expect(decision(backend).level).toBe('none');
    turn('..2026_11_24_2', CLOSED);
    rmSync(join(mount, '..2026_11_24_1'), { recursive: true });
    await isClosed(backend);
  });

  it('beside other options takes effect alone, and those are named, with the next start', async () => {
    writePolicy(directory, CLOSED);
    const backend = start(WATCHED);
    backend.write(event());
    writeFileSync(file(), `journal:\n  max_bytes: 2 GiB\ndisabled: true\n${yaml(NONE)}`);
    await isNone(backend);
    await wasSaid(/takes effect with the next start only: disabled, journal\.max_bytes$/);
    await backend.shutdown();
    expect(onlyStreamIn(directory).at(-2)?.body).toMatchObject({ needs_restart: ['disabled', 'journal.max_bytes'] });
  });

  it('is warned of as at the start', async () => {
    writePolicy(directory, CLOSED);
    const backend = start(WATCHED);
    writePolicy(directory, '{ event: "*", level: none }');
    await isNone(backend);
    await wasSaid(/botaudit\.yaml:3: policy\.rules\[0\]: HIGH-RISK ACTIONS ARE NOT RECORDED/);
  });

  it('that says the same in other words changes nothing, and nothing is on the chain', async () => {
    writePolicy(directory, NONE);
    const backend = start(WATCHED);
    backend.write(event({ name: 'bot.member.ban', action: 'BAN' }));
    const before = said.length;
    writeFileSync(file(), `heartbeat_interval_seconds: 7\n${yaml('{ level: none, event: [bot.message.send] }')}`);
    // What else has changed shows that it was read.
    await wasSaid('takes effect with the next start only: heartbeat_interval_seconds');
    expect(said).toHaveLength(before + 1);
    await backend.shutdown();
    expect(names(onlyStreamIn(directory))).toEqual([
      'audit.stream.opened',
      'audit.policy.loaded',
      'bot.member.ban',
      'audit.stream.closed',
    ]);
  });

  it('keeps the end of what is on record as begun, though it leaves it out', async () => {
    const ban = { name: 'bot.member.ban', action: 'BAN' };
    const backend = start(WATCHED);
    const attempt = backend.write(event({ ...ban, outcome: 'unknown', attributes: { 'bot.action.stage': 'attempt' } }));
    writePolicy(directory, '{ event: bot.member.*, level: none }');
    await until(() => backend.decide({ name: 'bot.member.ban' }).level === 'none', 30_000);
    const outcome = { 'bot.action.stage': 'outcome', 'bot.action.attempt.record_id': attempt };
    expect(backend.write(event({ ...ban, attributes: outcome }))).toBeDefined();
    expect(backend.write(event(ban))).toBeUndefined();
  });

  it('is not looked for where the interval is 0', async () => {
    writePolicy(directory, NONE);
    const watching = start(WATCHED);
    const fixed = start({ BOTAUDIT_POLICY_WATCH_INTERVAL_MS: '0' });
    writePolicy(directory, CLOSED);
    await isClosed(watching);
    expect(decision(fixed).level).toBe('none');
  });
});
