import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accessesIn, accessFolderOf } from './support/access-log.js';
import { botaudit, linesOf, Running } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const tail = (...args: string[]) => botaudit(['tail', '--dir', journal.directory, ...args]);

describe('tail', () => {
  test('prints the last records of all streams by time, a line each', async () => {
    const a = journal.open();
    const b = journal.open();
    a.write({ attributes: { 'bot.command.name': '/one' } });
    b.write({ attributes: { 'bot.command.name': '/two' } });
    a.write({
      event: 'bot.member.ban',
      attributes: {
        'audit.action': 'BAN',
        'audit.outcome': 'failure',
        'audit.target.id': 'telegram:99',
        'bot.api.method': 'banChatMember',
        'bot.chat.id': 'telegram:-100',
        'bot.trigger.record_id': '3f2b8c1e-0000-4000-8000-000000000000',
        'error.type': '403',
        'error.message': 'not enough rights',
      },
    });
    const { code, stdout, stderr } = await tail('-n', '3');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const [one, two, ban, ...none] = linesOf(stdout);
    expect(none).toEqual([]);
    expect(one).toMatch(
      /^2026-11-24T09:00:\d\d\.000Z [0-9a-f]{8} ✓ EXECUTE telegram:42 +bot\.command +\/one +telegram:7$/,
    );
    expect(two).toContain('/two');
    expect(ban).toMatch(
      /✗ BAN +telegram:42 → telegram:99 +bot\.member\.ban +banChatMember +telegram:7 +telegram:-100 ← 3f2b8c1e 403 not enough rights$/,
    );
    expect(one!.indexOf('telegram:7')).toBe(ban!.indexOf('telegram:7'));
  });

  test('--json prints the canonical lines and nothing else', async () => {
    const stream = journal.closed({}, {}, {});
    const { stdout, code } = await tail('--json');
    expect(code).toBe(0);
    expect(stdout).toBe(`${stream.lines.join('\n')}\n`);
  });

  test('prints as many as asked for, also across segments and more than a first look holds', async () => {
    const stream = journal.open(undefined, { segmentMaxBytes: 64 * 1024 });
    for (let i = 0; i < 600; i++) stream.write({ body: { filler: 'x'.repeat(i % 50 === 0 ? 20_000 : 100) } });
    for (const count of [0, 1, 57, 500]) {
      const { stdout } = await tail('--json', '-n', String(count));
      expect(linesOf(stdout)).toEqual(count === 0 ? [] : stream.lines.slice(-count));
    }
    expect(linesOf((await tail('--json', '-n', '10000')).stdout)).toEqual(stream.lines);
  });

  test('refuses more than it can find from the end', async () => {
    journal.closed();
    const { code, stderr } = await tail('-n', '10001');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^botaudit: --lines may be at most 10000; .*search.*\n$/);
  });

  test('-f goes on with new records and new streams, and ends with 0 on Ctrl-C', async () => {
    const first = journal.open();
    first.write();
    const running = new Running(['tail', '-f', '--json', '--dir', journal.directory]);
    await running.until(({ stdout }) => linesOf(stdout).length === 2);
    first.write();
    await running.until(({ stdout }) => linesOf(stdout).length === 3);
    const second = journal.open();
    second.write();
    first.close();
    await running.until(({ stdout }) => linesOf(stdout).length === 6);
    second.write();
    await running.until(({ stdout }) => linesOf(stdout).length === 7);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(linesOf(running.stdout).sort()).toEqual([...first.lines, ...second.lines].sort());
  });

  test('-f prints every record of a fast writer once, in order, across segments', async () => {
    const stream = journal.open(undefined, { segmentMaxBytes: 64 * 1024 });
    const running = new Running(['tail', '-f', '-n', '0', '--json', '--dir', journal.directory]);
    // Written to be seen, so that following has begun.
    await running.until(({ stdout }) => {
      stream.write({ event: 'test.begin' });
      return stdout !== '';
    });
    for (let i = 0; i < 2000; i++) {
      stream.write({ body: { i } });
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await running.until(({ stdout }) => stdout.endsWith(`${stream.lines.at(-1)}\n`));
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    const seen = linesOf(running.stdout);
    expect(seen).toEqual(stream.lines.slice(-seen.length));
  });

  test('-f waits for a journal that is named and not there yet, and says so', async () => {
    const running = new Running(['tail', '-f', '--dir', journal.directory]);
    await running.until(({ stderr }) => stderr.endsWith('(--dir), which does not exist\n'));
    journal.open(randomUUID()).write();
    await running.until(({ stdout }) => linesOf(stdout).length === 2);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  test('-f that is ended while it still prints what was there ends as well as later', async () => {
    const stream = journal.open();
    for (let i = 0; i < 3000; i++) stream.write();
    const running = new Running(['tail', '-f', '-n', '3000', '--dir', journal.directory]);
    // More than a pipe holds: it waits for its reader.
    running.child.stdout!.once('data', () => {
      running.child.stdout!.pause();
      running.child.kill('SIGINT');
      running.child.stdout!.resume();
    });
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(accessesIn(accessFolderOf(journal.directory)).map(({ attributes }) => attributes['audit.outcome'])).toEqual([
      'unknown',
      'success',
    ]);
  });

  test('a reader that goes away is no error', async () => {
    const stream = journal.open();
    for (let i = 0; i < 3000; i++) stream.write();
    for (const args of [['tail', '-n', '3000'], ['search'], ['search', '--json']]) {
      const running = new Running([...args, '--dir', journal.directory]);
      running.child.stdout!.once('data', () => running.child.stdout!.destroy());
      expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
