import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let folder: string;
let journal: TestJournal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-dry-run-'));
  journal = new TestJournal();
});
afterEach(() => {
  journal.remove();
  rmSync(folder, { recursive: true, force: true });
});

const write = (...rules: string[]) =>
  writeFileSync(join(folder, 'new.yaml'), `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`);
const dryRun = (...args: string[]) =>
  botaudit(['policy', 'dry-run', journal.directory, '--config', 'new.yaml', ...args], { cwd: folder });

interface Result {
  readonly by_rule: { rule: { key: string } | null; event: string; kept: number; left_out: number }[];
  readonly [name: string]: unknown;
}
const result = async (): Promise<Result> => JSON.parse((await dryRun('--json')).stdout);
const told = ({ by_rule }: Result) =>
  by_rule.map(({ rule, event, kept, left_out }) => `${rule?.key ?? 'catalogue'} ${event} ${kept}+${left_out}`);

/** A command that led to a ban, which has two records, and to a message; and a command that led to nothing. */
function evening(stream: TestStream): { ban: string } {
  const command = stream.write({ event: 'bot.command' });
  const caused = { 'bot.trigger.record_id': command, 'bot.platform': 'telegram', 'bot.framework': 'grammy' };
  stream.write({ event: 'bot.member.ban', attributes: { ...caused, 'bot.action.stage': 'attempt' } });
  const ban = stream.write({ event: 'bot.member.ban', attributes: { ...caused, 'bot.action.stage': 'outcome' } });
  stream.write({ event: 'bot.message.send', attributes: caused });
  stream.write({ event: 'bot.command' });
  stream.write({ event: 'payment.transfer' });
  return { ban };
}

test('attempts that the application records by itself are there under any policy that keeps its events', async () => {
  const stream = journal.open();
  for (const stage of ['attempt', 'outcome']) {
    stream.write({ event: 'payment.transfer', attributes: { 'bot.action.stage': stage } });
  }
  stream.close();
  write('{ event: payment.refund, level: none }');
  expect(told(await result())).toEqual(['catalogue payment.transfer 2+0']);
});

test('a dry run tells what of a journal would be kept and left out, by rule and event, and changes nothing', async () => {
  const stream = journal.open();
  evening(stream);
  stream.close();
  const before = [...stream.lines];
  write('{ event: bot.message.*, level: none }', '{ event: payment.*, fail_closed: true }');
  const found = await result();
  expect(found).toMatchObject({ streams: 1, own: 2, kept: 5, left_out: 1, fails_closed: 1, added: 0 });
  expect(found.high_risk_left_out).toEqual({ records: 0, ids: [] });
  expect(told(found)).toEqual([
    'policy.rules[0] bot.message.send 0+1',
    'policy.rules[1] payment.transfer 1+0',
    'catalogue bot.command 2+0',
    'catalogue bot.member.ban 2+0',
  ]);
  const { code, stdout, stderr } = await dryRun();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout).slice(0, 6).join('\n')).toMatch(
    /^policy +new\.yaml, 2 rules, hash [0-9a-f]{64}\njournal +\S+, 1 stream, 8 records\nunchanged +2 records .*\nkept +5 records\nleft out +1 record\nfails closed +1 record of those kept/,
  );
  expect(stdout).toMatch(/^policy\.rules\[0\] +bot\.message\.send +1$/m);
  expect(stdout).toMatch(/A journal can not tell\n- what was never recorded/);
  expect(stream.lines).toEqual(before);
});

test('names records of high risk that would go, and ends with 1', async () => {
  const stream = journal.open();
  const { ban } = evening(stream);
  stream.close();
  write('{ event: bot.member.ban, platform: telegram, level: none }');
  expect((await result()).high_risk_left_out).toMatchObject({
    records: 2,
    ids: expect.arrayContaining([ban]),
  });
  const { code, stdout } = await dryRun();
  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`2 records OF HIGH RISK WOULD NOT BE THERE: .*${ban.slice(0, 8)}`));
  write('{ event: bot.member.ban, platform: discord, level: none }');
  expect((await dryRun()).code).toBe(0);
});

test('knows that what is written where it causes something goes with what it caused', async () => {
  const stream = journal.open();
  evening(stream);
  stream.close();
  write('{ event: bot.command, written: caused }');
  expect(told(await result())).toContain('policy.rules[0] bot.command 1+1');
  write('{ event: bot.command, written: caused }', '{ event: [bot.member.*, bot.message.*], level: none }');
  expect(told(await result())).toContain('policy.rules[0] bot.command 0+2');
});

test('counts attempts that would not be written, and those that would be and are not', async () => {
  const stream = journal.open();
  evening(stream);
  stream.close();
  write('{ event: bot.member.ban, written: outcome }', '{ event: bot.message.send, written: attempt-and-outcome }');
  const found = await result();
  expect(told(found).slice(0, 2)).toEqual([
    'policy.rules[0] bot.member.ban 1+1',
    'policy.rules[1] bot.message.send 1+0',
  ]);
  expect(found).toMatchObject({ added: 1, high_risk_left_out: { records: 0 } });
  expect((await dryRun()).stdout).toContain('added      1 record of attempts, which are not there now\n');
});

test('says what the journal it was tried on can not know', async () => {
  const stream = journal.open();
  stream.write({
    event: 'audit.policy.loaded',
    body: { policy_hash: 'ab'.repeat(32), rules: [{ event: ['bot.callback'], level: 'none' }] },
  });
  stream.write({ event: 'audit.records.lost', body: { records: 7 } });
  stream.write({ event: 'audit.retention.applied', body: { segments: [{ first_segment: 2, last_segment: 4 }] } });
  stream.close();
  write('{ event: bot.member.ban, fail_closed: true }');
  expect((await result()).unknown).toEqual({
    left_out_by_policies: ['ab'.repeat(32)],
    removed_segments: 3,
    lost_records: 7,
  });
  const { stdout } = await dryRun();
  expect(stdout).toContain('- what policies left out by which it was written (abababab), and this one might keep\n');
  expect(stdout).toContain('- what was in 3 segments that retention removed\n- what 7 records said that were lost\n');
});

test('a preset can be tried before it is named in any file', async () => {
  const stream = journal.open();
  evening(stream);
  stream.close();
  writeFileSync(join(folder, 'new.yaml'), 'policy: { preset: minimal }\n');
  expect(told(await result())).toEqual([
    'preset minimal, rules[0] bot.member.ban 2+0',
    'preset minimal, rules[1] bot.command 1+1',
    'preset minimal, rules[3] bot.message.send 0+1',
    'catalogue payment.transfer 1+0',
  ]);
});

test('ends with 2 where there is no journal, or the policy is wrong', async () => {
  write('{ evnt: x }');
  expect(await dryRun()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('unknown key') });
  write('{ event: bot.command, level: none }');
  const none = await botaudit(['policy', 'dry-run', 'nowhere', '--config', 'new.yaml'], { cwd: folder });
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('does not exist') });
});
