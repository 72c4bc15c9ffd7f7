import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal, type TestRecord } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const NOON = Date.UTC(2026, 10, 24, 12);
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const records: Record<string, TestRecord> = {
  command: { at: NOON, traceId: TRACE, attributes: { 'bot.command.name': '/ban', 'bot.chat.id': '-100' } },
  ban: {
    at: NOON + 1000,
    event: 'bot.member.ban',
    traceId: TRACE,
    attributes: { 'audit.action': 'BAN', 'audit.target.id': 'telegram:99', 'bot.chat.id': '-100' },
  },
  send: {
    at: NOON + 2000,
    event: 'bot.message.send',
    attributes: { 'audit.action': 'SEND', 'audit.outcome': 'failure', 'bot.id': 'telegram:8' },
  },
  other: { at: NOON + 3000, event: 'payment.transfer', attributes: { 'audit.actor.id': 'slack:T1/U42' } },
};

/** The names of the records that a search finds, in the order in which it prints them. */
async function found(...args: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await botaudit(['search', '--json', '--dir', journal.directory, ...args]);
  expect(stderr).toBe('');
  const lines = linesOf(stdout);
  expect(code).toBe(lines.length > 0 ? 0 : 1);
  return lines.map((line) => {
    const time = Number(BigInt(JSON.parse(line).Timestamp) / 1_000_000n);
    return Object.keys(records).find((name) => records[name]!.at === time) ?? 'stream';
  });
}

describe('search', () => {
  test('finds by each field, and by all that are given together', async () => {
    journal.closed(records.command!, records.send!);
    journal.closed(records.ban!, records.other!);
    const at = '2026-11-24T12:00';
    for (const [args, names] of [
      [
        ['--actor', 'telegram:42', '--since', at],
        ['command', 'ban', 'send'],
      ],
      [
        ['--actor', '42', '--since', at],
        ['command', 'ban', 'send'],
      ],
      [['--actor', '*U42'], ['other']],
      [['--actor', '4'], []],
      [['--target', 'telegram:99'], ['ban']],
      [['--action', 'ban'], ['ban']],
      [
        ['--action', 'BAN', '--action', 'SEND'],
        ['ban', 'send'],
      ],
      [
        ['--event', 'bot.*'],
        ['command', 'ban', 'send'],
      ],
      [['--event', 'bot.m*n'], ['ban']],
      [['--outcome', 'failure'], ['send']],
      [
        ['--chat', 'telegram:-100'],
        ['command', 'ban'],
      ],
      [
        ['--chat', '-100'],
        ['command', 'ban'],
      ],
      [['--bot', 'telegram:8'], ['send']],
      [['--command', 'ban'], ['command']],
      [['--command', '/ban'], ['command']],
      [
        ['--trace', TRACE.toUpperCase()],
        ['command', 'ban'],
      ],
      [['--trace', TRACE, '--action', 'BAN'], ['ban']],
      [
        ['--since', `${at}:01`, '--until', `${at}:03Z`],
        ['ban', 'send'],
      ],
      [
        ['--until', '2026-11-24T13:00:02+01:00', '--event', 'bot.*'],
        ['command', 'ban'],
      ],
      [['--event', 'nothing.*'], []],
    ] satisfies [string[], string[]][]) {
      expect(await found(...args), args.join(' ')).toEqual(names);
    }
  });

  test('prints the records of all streams by time', async () => {
    const a = journal.open();
    const b = journal.open();
    const c = journal.open();
    const written: string[] = [];
    for (let i = 0; i < 900; i++) {
      const stream = [a, b, c][(i * 7 + (i % 5)) % 3]!;
      written.push(stream.write({ event: 'test.order' }));
    }
    const { stdout } = await botaudit(['search', '--json', '--event', 'test.order', '--dir', journal.directory]);
    const ids = linesOf(stdout).map((line) => line.match(/"audit\.record\.id":\{"stringValue":"([^"]+)"/)![1]);
    expect(ids).toEqual(written);
  });

  test.each([
    [['--since', 'yesterday'], /--since "yesterday" is no time; allowed are .*10m.*ISO/],
    [['--since', '1h', '--until', '2h'], /--since must be before --until/],
    [['--outcome', 'good'], /--outcome.*Allowed are success, failure, unknown; see botaudit search --help/],
    [['--actor', ''], /--actor.*must not be empty/],
    [['--colour', 'red'], /unknown option '--colour'/],
    [['extra'], /too many arguments/],
  ])('%j is refused in one line that says what is allowed', async (args, message) => {
    journal.closed();
    const { code, stdout, stderr } = await botaudit(['search', '--dir', journal.directory, ...args]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toMatch(/^botaudit: /);
  });
});
