import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasTerminal, onTerminal, terminalOnly } from '../../../test/support/terminal.ts';
import { displayWidth } from '../src/text/columns.js';
import { botaudit, CLEAN, linesOf, MAIN } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const COLOUR = /\u001b\[\d+m/g;

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

/** What `botaudit` writes to a terminal of so many columns. */
const shownOn = (columns: number, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  onTerminal(columns, [process.execPath, MAIN, ...args], { ...CLEAN, ...env });

function write() {
  journal.closed({
    event: 'bot.member.ban',
    attributes: {
      'audit.action': 'BAN',
      'audit.target.id': 'telegram:99',
      'audit.actor.id': 'telegram:你好吗你好吗',
      'bot.api.method': 'banChatMember',
      'bot.chat.id': 'telegram:-100123',
      'bot.trigger.record_id': '3f2b8c1e-0000-4000-8000-000000000000',
      'audit.reason': 'C1 \u009b2J bidi \u202e',
    },
  });
}

describe.skipIf(!hasTerminal)(`on a terminal${terminalOnly}`, () => {
  test('lines are as wide as it is, and a wider one holds more', () => {
    write();
    const args = ['tail', '--dir', journal.directory];
    for (const columns of [40, 80, 140, 200]) {
      const lines = linesOf(shownOn(columns, args).replace(COLOUR, ''));
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      const ban = lines[1]!;
      expect(/Z [0-9a-f]{8} /.test(ban)).toBe(columns >= 140);
      expect(ban.includes('telegram:-100123')).toBe(columns === 200);
      expect(ban.includes('← 3f2b8c1e')).toBe(columns >= 140);
      expect(ban.endsWith('…')).toBe(columns === 40 || columns === 80);
    }
  });

  test('there are colours, unless NO_COLOR is set', () => {
    write();
    const args = ['tail', '--dir', journal.directory];
    expect(shownOn(120, args)).toMatch(COLOUR);
    expect(shownOn(120, args, { NO_COLOR: '1' })).not.toContain('\u001b');
    expect(shownOn(120, [...args, '--json'])).not.toContain('\u001b');
  });

  test('--json has the same values, with JSON escapes for what a terminal would act on', async () => {
    write();
    const shown = linesOf(shownOn(80, ['search', '--json', '--action', 'BAN', '--dir', journal.directory]));
    const piped = await botaudit(['search', '--json', '--action', 'BAN', '--dir', journal.directory]);
    expect(shown.join('')).toContain('C1 \\u009b2J bidi \\u202e');
    expect(JSON.parse(shown[0]!)).toEqual(JSON.parse(piped.stdout));
  });
});

test.skipIf(!hasTerminal)(`archive shows how far it is, and takes that away at the end${terminalOnly}`, async () => {
  write();
  const args = ['archive', '--dir', journal.directory, '--to', `${journal.folder}/archive`];
  const shown = shownOn(100, args);
  expect(shown).toContain('\r\u001b[Kbotaudit: archived 1 of 1 segments\r\u001b[K');
  expect(shown).toMatch(/1 segment archived/);
  const piped = await botaudit(args);
  expect(piped).toMatchObject({ code: 0, stderr: '' });
});

test('without a terminal nothing is coloured or cut', async () => {
  write();
  const { stdout } = await botaudit(['tail', '--dir', journal.directory], { env: { COLUMNS: '40' } });
  expect(stdout).not.toContain('\u001b');
  expect(linesOf(stdout)[1]).toMatch(/^\S{24} [0-9a-f]{8} . BAN .*telegram:-100123 +← 3f2b8c1e$/);
});
