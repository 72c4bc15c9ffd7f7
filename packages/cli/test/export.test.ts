import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accessesIn, accessFolderOf } from './support/access-log.js';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const run = (...args: string[]) => botaudit(['export', '--dir', journal.directory, ...args]);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('export', () => {
  test('writes the very lines of the journal, and that it did is on record with their hash', async () => {
    const { lines } = journal.closed({ event: 'bot.member.ban' }, {});
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(lines);
    const [attempt, outcome] = accessesIn(accessFolderOf(journal.directory));
    expect(attempt).toMatchObject({
      eventName: 'audit.log.export',
      attributes: { 'audit.action': 'EXPORT', 'audit.outcome': 'unknown' },
      body: { command: 'export', output: { kind: 'pipe' } },
    });
    expect(outcome).toMatchObject({ body: { records: 4, partial: false, sha256: sha256(stdout) } });
  });

  test('into a file: its owner alone may read it, and what was written is told', async () => {
    journal.closed({ event: 'bot.member.ban' }, {});
    const file = join(journal.folder, 'bans.ndjson');
    const { code, stdout, stderr } = await run('--event', 'bot.member.*', '--out', file, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const content = readFileSync(file);
    expect(linesOf(content.toString())).toHaveLength(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const written = { records: 1, bytes: content.length, sha256: sha256(content) };
    expect(JSON.parse(stdout)).toEqual({ file, ...written });
    const [attempt, outcome] = accessesIn(accessFolderOf(journal.directory));
    expect(attempt).toMatchObject({ body: { asked: { event: ['bot.member.*'], out: file } } });
    expect(outcome).toMatchObject({ body: written });
    expect((await run('--out', `${file}2`)).stdout).toMatch(
      /^4 records \(\d+ bytes\) in .*bans\.ndjson2, SHA-256 [0-9a-f]{64}\n$/,
    );
  });

  test('a whole export verifies', async () => {
    journal.closed({}, {});
    journal.closed({});
    const file = join(journal.folder, 'all.ndjson');
    await run('--out', file);
    expect(await botaudit(['verify', file])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^consistent .*7 records/m),
    });
  });

  test('never writes over a file, nor through a link, nor where it may not', async () => {
    journal.closed({});
    const file = join(journal.folder, 'there.ndjson');
    writeFileSync(file, 'mine');
    expect(await run('--out', file)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `botaudit: ${file} is there already; name a file that is not\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await run('--out', join(file, 'below'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ENOTDIR'),
    });
    expect(accessesIn(accessFolderOf(journal.directory)).at(-1)).toMatchObject({
      attributes: { 'audit.outcome': 'failure' },
      body: { records: 0, partial: true },
    });
  });

  test('what fits nothing ends with 1, and wrong usage leaves no file', async () => {
    journal.closed({});
    const file = join(journal.folder, 'none.ndjson');
    expect(await run('--event', 'nothing.*')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('--since', '1h', '--until', '2h', '--out', file)).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(file)).toBe(false);
  });
});
