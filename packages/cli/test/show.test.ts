import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const show = (...args: string[]) => botaudit(['show', '--dir', journal.directory, ...args]);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A command, the ban that it led to in two stages, and the message about it, over two streams. */
function story() {
  const stream = journal.open();
  const command = stream.write({ attributes: { 'bot.command.name': '/ban' } });
  const attempt = stream.write({
    event: 'bot.member.ban',
    attributes: {
      'audit.action': 'BAN',
      'audit.outcome': 'unknown',
      'bot.action.stage': 'attempt',
      'bot.trigger.record_id': command,
    },
    body: { until: 5, note: 'first\nsecond' },
  });
  const outcome = stream.write({
    event: 'bot.member.ban',
    attributes: {
      'audit.action': 'BAN',
      'bot.action.stage': 'outcome',
      'bot.action.attempt.record_id': attempt,
      'bot.trigger.record_id': command,
    },
  });
  stream.close();
  return { stream, command, attempt, outcome };
}

describe('show', () => {
  test('shows all fields, the place in the chain, the hash, and the records around it', async () => {
    const { stream, command, attempt, outcome } = story();
    const { code, stdout, stderr } = await show(attempt.slice(0, 8));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const line = stream.lines[2]!;
    expect(stdout).toMatch(new RegExp(`^record +${attempt}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^stream +${stream.id}, number 3$`, 'm'));
    expect(stdout).toMatch(/^file +00000001\.ndjson, at byte \d+$/m);
    expect(stdout).toMatch(new RegExp(`^hash +${sha256(line)}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^audit\\.sequence\\.previous_hash +${sha256(stream.lines[1]!)}$`, 'm'));
    expect(stdout).toMatch(/^event +bot\.member\.ban \(.+\)$/m);
    expect(stdout).toMatch(/^time +2026-11-24T09:00:\d\d\.000Z \(\d{19}\)$/m);
    expect(stdout).toMatch(/^body\.note +first\\nsecond$/m);
    expect(stdout).toMatch(/^body\.until +5$/m);
    for (const name of Object.keys(JSON.parse(line).Attributes)) expect(stdout).toContain(`\n${name} `);
    const sections = stdout.split(/^(Caused by|Its attempt|Its outcome|Led to)$/m);
    expect(sections[sections.indexOf('Caused by') + 1]).toContain(command.slice(0, 8));
    expect(sections[sections.indexOf('Its outcome') + 1]).toContain(outcome.slice(0, 8));
    expect(stdout).not.toContain('Its attempt');
  });

  test('shows what a command led to, and of an outcome its attempt', async () => {
    const { command, attempt, outcome } = story();
    const ofCommand = (await show(command)).stdout.split('Led to\n')[1]!;
    expect(linesOf(ofCommand)).toHaveLength(2);
    expect(ofCommand).toContain(attempt.slice(0, 8));
    expect((await show(outcome)).stdout.split('Its attempt\n')[1]).toContain(attempt.slice(0, 8));
  });

  test('--json prints one object with the records as they stand in the journal', async () => {
    const { stream, attempt } = story();
    const { stdout } = await show('--json', attempt);
    expect(linesOf(stdout)).toHaveLength(1);
    for (const line of stream.lines.slice(1, 4)) expect(stdout).toContain(line);
    expect(JSON.parse(stdout)).toEqual({
      id: attempt,
      hash: sha256(stream.lines[2]!),
      stream: stream.id,
      number: 3,
      segment: 1,
      offset: expect.any(Number),
      record: JSON.parse(stream.lines[2]!),
      trigger: JSON.parse(stream.lines[1]!),
      attempt: null,
      outcome: JSON.parse(stream.lines[3]!),
      effects: [],
    });
  });

  test('says when the cause is not there', async () => {
    const cause = '3f2b8c1e-0000-4000-8000-000000000000';
    const stream = journal.open();
    const id = stream.write({ attributes: { 'bot.trigger.record_id': cause } });
    expect((await show(id)).stdout).toContain(`Caused by ${cause}, which is not in this journal`);
  });

  test('refuses an id that is none, is nowhere, or begins several', async () => {
    const stream = journal.open();
    const ids = Array.from({ length: 40 }, () => stream.write());
    expect(await show('xyz')).toMatchObject({ code: 2, stderr: expect.stringContaining('"xyz" is no record id') });
    const nowhere = await show('00000000-0000-4000-8000-000000000000');
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toMatch(/^botaudit: no record's id begins with 0{8}.*botaudit search.*\n$/);
    // Of 41 ids at least two begin with the same of 16 digits.
    const digit = [...'0123456789abcdef'].find((d) => ids.filter((id) => id.startsWith(d)).length > 1)!;
    const several = await show(digit);
    expect(several.code).toBe(2);
    expect(several.stderr).toMatch(/^botaudit: several ids begin with .*give more digits\n$/);
  });
});
