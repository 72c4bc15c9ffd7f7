import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const verify = (...args: string[]) => botaudit(['verify', ...args]);
const segment = ({ directory }: TestStream) => join(directory, '00000001.ndjson');

describe('verify', () => {
  test('exits 0 and says consistent (unsigned), of a journal, a stream, a file, standard input', async () => {
    const stream = journal.closed({}, {}, {});
    journal.closed({});
    expect(await verify('--dir', journal.directory)).toEqual({
      code: 0,
      signal: null,
      stdout: 'consistent (unsigned): 2 streams, 8 records\n',
      stderr: '',
    });
    const one = 'consistent (unsigned): 1 stream, 5 records\n';
    expect((await verify(journal.directory)).stdout).toBe('consistent (unsigned): 2 streams, 8 records\n');
    expect((await verify(stream.directory)).stdout).toBe(one);
    expect((await verify(segment(stream))).stdout).toBe(one);
    expect((await botaudit(['verify', '-'], { input: readFileSync(segment(stream)) })).stdout).toBe(one);
    const exported = await botaudit(['search', '--json', '--dir', journal.directory]);
    expect((await botaudit(['verify', '-'], { input: exported.stdout })).stdout).toContain('2 streams, 8 records');
  });

  test('a stream that is still written to is consistent; that it is not closed is noted', async () => {
    const stream = journal.open();
    stream.write();
    const { code, stdout } = await verify(journal.directory);
    expect(code).toBe(0);
    const [notice, summary] = linesOf(stdout);
    expect(notice).toMatch(new RegExp(`^${stream.id} 2 not_closed \\(notice\\): `));
    expect(summary).toBe('consistent (unsigned): 1 stream, 2 records');
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    [
      'changed',
      (lines) => lines.map((line, i) => (i === 2 ? line.replace('telegram:42', 'telegram:43') : line)),
      /^\S+ 3 changed: /,
    ],
    ['removed', (lines) => lines.toSpliced(2, 1), /^\S+ 3 removed: /],
    ['moved', (lines) => [lines[0]!, lines[2]!, lines[1]!, ...lines.slice(3)], /^\S+ [23] moved: /],
    ['duplicated', (lines) => lines.toSpliced(2, 0, lines[2]!), /^\S+ 3 duplicated: /],
    ['malformed', (lines) => lines.toSpliced(2, 1, 'hello'), /^\S+ 3 malformed: .*00000001\.ndjson, line 3/],
  ])('exits 1 when a record was %s, with a line that says which', async (_kind, tamper, expected) => {
    const stream = journal.closed({}, {}, {});
    writeFileSync(segment(stream), `${tamper(stream.lines).join('\n')}\n`);
    const { code, stdout, stderr } = await verify(journal.directory);
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(linesOf(stdout)[0]).toMatch(expected);
    expect(stdout).toMatch(/^not consistent: \d+ errors? in 1 stream, \d records$/m);
  });

  test('exits 1 when a whole stream is gone that another one names', async () => {
    const gone = journal.closed({});
    const stream = journal.open();
    stream.write({
      event: 'audit.stream.opened',
      body: { ended_streams: [{ stream_id: gone.id, number: 3, hash: 'a'.repeat(64) }] },
    });
    stream.close();
    rmSync(gone.directory, { recursive: true });
    const { code, stdout } = await verify(journal.directory);
    expect(code).toBe(1);
    expect(stdout).toContain(`${gone.id} 1 removed: `);
  });

  test('a torn last line is a notice; the records before it are verified', async () => {
    const stream = journal.open();
    stream.write();
    stream.abandon();
    appendFileSync(segment(stream), '{"Attributes":{"aud');
    const { code, stdout } = await verify(journal.directory);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ torn \(notice\): /);
  });

  test('--json prints one object', async () => {
    const stream = journal.closed({}, {});
    expect(JSON.parse((await verify('--json', journal.directory)).stdout)).toEqual({
      intact: true,
      signed: false,
      streams: 1,
      records: 4,
      unsigned: 4,
      checkpoints: 0,
      keyIds: [],
      findings: [],
    });
    writeFileSync(segment(stream), `${stream.lines.toSpliced(1, 1).join('\n')}\n`);
    const { code, stdout } = await verify('--json', journal.directory);
    expect(code).toBe(1);
    expect(linesOf(stdout)).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      intact: false,
      signed: false,
      streams: 1,
      records: 3,
      unsigned: 3,
      checkpoints: 0,
      keyIds: [],
      findings: [
        {
          stream: stream.id,
          number: 2,
          kind: 'removed',
          severity: 'error',
          message: expect.stringContaining('record 2'),
        },
      ],
    });
  });

  test('a stream of a newer format version is not verified: exit 2, unless something else is wrong', async () => {
    const newer = journal.closed({});
    const good = journal.closed({});
    const info = JSON.parse(readFileSync(join(newer.directory, 'stream.json'), 'utf8'));
    writeFileSync(join(newer.directory, 'stream.json'), JSON.stringify({ ...info, formatVersion: 2 }));
    const { code, stdout } = await verify(journal.directory);
    expect(stdout).toMatch(new RegExp(`^${newer.id} - unchecked: .*format version 2.*update`));
    expect(code).toBe(2);
    const json = await verify('--json', journal.directory);
    expect(JSON.parse(json.stdout)).toMatchObject({ intact: false, streams: 1, records: 3 });
    writeFileSync(segment(good), `${good.lines.toSpliced(1, 1).join('\n')}\n`);
    expect((await verify(journal.directory)).code).toBe(1);
  });

  test.each([
    ['nowhere', /nowhere does not exist; name the folder of a journal, a file of records, or -\n$/],
    ['.', /is neither a journal .* nor the folder of a stream\n$/],
    ['empty.ndjson', /empty\.ndjson: there is no record, so nothing was verified\n$/],
  ])('exits 2 when it can not check: %s', async (what, message) => {
    journal.open();
    writeFileSync(join(journal.folder, 'empty.ndjson'), '');
    const { code, stdout, stderr } = await botaudit(['verify', what], { cwd: journal.folder });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(linesOf(stderr)).toHaveLength(1);
  });

  test('findings are printed to the end although nobody reads them, and the exit code tells', async () => {
    const stream = journal.closed({}, {}, {});
    const text = `${'garbage\n'.repeat(20_000)}${stream.lines.join('\n')}\n`;
    const { code, stderr } = await botaudit(['verify', '-'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] });
    expect(code).toBe(1);
    expect(stderr).toBe('');
  });
});
