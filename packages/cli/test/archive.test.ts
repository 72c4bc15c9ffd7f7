import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveOf, filesIn } from './support/archive.js';
import { botaudit, linesOf } from './support/botaudit.js';
import { SignedJournal } from './support/signed-journal.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const here = () => archiveOf(journal);

describe('botaudit archive', () => {
  test('copies finished segments and leaves the one that is being written; the rest comes when it is finished', async () => {
    journal.closed({}, {});
    const open = journal.open(undefined, { segmentMaxBytes: 1 });
    for (let i = 0; i < 4; i++) open.write();
    const { archive, target, names } = here();
    const first = await archive('--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ complete: true, archived: 5, known: 0, open: 1, problems: [] });
    expect(readFileSync(join(target, 'streams', open.id, '00000004.ndjson'), 'utf8')).toBe(`${open.lines[3]}\n`);

    open.close();
    expect(JSON.parse((await archive('--json')).stdout)).toMatchObject({ archived: 2, known: 5, open: 0 });
    expect(names(open.id)).toEqual([...[1, 2, 3, 4, 5, 6].map((n) => `0000000${n}.ndjson`), 'stream.json']);
  });

  test('changes nothing when there is nothing new, and is for the eyes of its owner alone', async () => {
    journal.closed({}, {});
    const { archive, target } = here();
    expect((await archive()).stdout).toMatch(/^1 segment archived \(\d+ bytes\), 0 there already, 0 being written: \//);
    const before = filesIn(target);
    expect((await archive()).stdout).toMatch(/^0 segments archived \(0 bytes\), 1 there already/);
    expect(filesIn(target)).toEqual(before);
    for (const path of Object.keys(before)) expect(statSync(join(target, path)).mode & 0o077, path).toBe(0);
    expect(statSync(join(target, 'streams')).mode & 0o077).toBe(0);
  });

  test('tells the journal what may go, and not before it is in the catalogue', async () => {
    const stream = journal.closed({}, {});
    await here().archive();
    expect(JSON.parse(readFileSync(join(stream.directory, 'archived.json'), 'utf8'))).toEqual({ segment: 1 });
  });

  test('leaves a stream of a newer version alone, and says so; the others are archived', async () => {
    const newer = journal.closed({});
    const other = journal.closed({});
    const path = join(newer.directory, 'stream.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"formatVersion":1', '"formatVersion":2'));
    const { archive, target } = here();
    const { code, stdout, stderr } = await archive('--json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/has format version 2; this version .* knows 1: update it/);
    expect(JSON.parse(stdout)).toMatchObject({ complete: false, archived: 1, problems: [{ name: newer.id }] });
    expect(readdirSync(join(target, 'streams'))).toEqual([other.id]);
  });

  test('does not overwrite what is there and differs: it says so, and the segment does not count', async () => {
    const stream = journal.closed({}, {});
    const { archive, target } = here();
    const path = join(target, 'streams', stream.id, '00000001.ndjson');
    mkdirSync(join(target, 'streams', stream.id), { recursive: true });
    writeFileSync(path, 'something else\n');
    const { code, stderr } = await archive();
    expect(code).toBe(2);
    expect(stderr).toMatch(/00000001\.ndjson: is in the archive with another content, and is left as it is/);
    expect(readFileSync(path, 'utf8')).toBe('something else\n');
    expect(existsSync(join(stream.directory, 'archived.json'))).toBe(false);
  });

  test.each([
    [
      ['--to', 's3://key:secret-of-mine@host/x'],
      /an archive is a folder or s3:\/\/bucket\/prefix, without credentials/,
    ],
    [['--to', 'https://bucket.example'], /an archive is a folder or s3/],
    [['--to', '/tmp/a', '--lock-mode', 'compliance', '--lock-days', '3'], /go with an archive in S3/],
    [['--to', 's3://bucket', '--lock-mode', 'compliance'], /go together/],
    [['--to', '/tmp/a', '--public-key', 'x'], /goes with --restore-check/],
    [['--to', 's3://bucket', '--lock-days', '0'], /Allowed is a whole number from 1/],
    [['--to', 's3://bucket/x'], /no credentials for S3: set AWS_ACCESS_KEY_ID/],
    [[], /required option '--to <archive>'/],
  ])('%j is refused with what is right', async (args, message) => {
    journal.closed({});
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', HOME: journal.folder };
    const { code, stdout, stderr } = await botaudit(['archive', '--dir', journal.directory, ...args], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret-of-mine');
    expect(linesOf(stderr)).toHaveLength(1);
  });

  test('an archive within the journal is none', async () => {
    journal.closed({});
    for (const to of [
      journal.directory,
      join(journal.directory, 'streams'),
      join(journal.directory, 'new', 'archive'),
    ]) {
      const { code, stderr } = await botaudit(['archive', '--dir', journal.directory, '--to', to]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/lies in the journal/) });
    }
  });
});

describe('an archive', () => {
  let signed: SignedJournal;
  beforeEach(() => {
    signed = new SignedJournal();
  });
  afterEach(() => signed.remove());
  const key = () => ['--public-key', signed.key.publicKey];

  test('verifies alone, with the key too, also when streams are added and one was killed', async () => {
    const { archive, check } = archiveOf(signed);
    await signed.run(12);
    await archive();
    await signed.runAndDie(13);
    await signed.run(3);
    expect((await archive()).code).toBe(0);
    rmSync(signed.directory, { recursive: true });
    expect((await check()).stdout).toMatch(/^consistent \(unsigned\): 3 streams, 34 records/m);
    const { code, stdout } = await check(...key());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^authentic: 3 streams, 34 records, signed by [0-9a-f]{16} in \d+ checkpoints$/m);
    expect(JSON.parse((await check('--json', ...key())).stdout)).toMatchObject({ intact: true, signed: true });
  });

  test('of a stream that goes on verifies as far as it goes, though checkpoints tell of more', async () => {
    const { archive, check } = archiveOf(signed);
    const stream = await signed.run(30);
    // As its writer had it when the first half was a finished segment, the second the one that it wrote; no lock tells
    // that it is gone.
    const lines = stream.records;
    writeFileSync(
      join(stream.directory, '00000002.ndjson'),
      lines
        .slice(14, -1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    stream.records = lines.slice(0, 14);
    const description = join(stream.directory, 'stream.json');
    const info = JSON.parse(readFileSync(description, 'utf8'));
    writeFileSync(description, JSON.stringify({ ...info, locked: false }));
    expect(JSON.parse((await archive('--json')).stdout)).toMatchObject({ archived: 1, open: 1 });
    const { code, stdout } = await check(...key());
    expect(stdout).toMatch(/^authentic: 1 stream, 14 records, .* but for \d+ records? later than the last checkpoint/m);
    expect(code).toBe(0);
  });

  test('and its journal verify as one when segments went from the journal', async () => {
    const { archive, target } = archiveOf(signed);
    const first = await signed.run(12);
    await signed.run(3);
    await archive();
    rmSync(first.directory, { recursive: true });
    const alone = await botaudit(['verify', signed.directory]);
    expect(alone.stdout).toMatch(/and with it the whole stream/);
    const together = await botaudit(['verify', signed.directory, '--archive', target, ...key()]);
    expect(together.stdout).toMatch(/^authentic: 2 streams, 19 records/m);
    expect(together.code).toBe(0);
    // What was changed in the part that only the archive has is found all the same.
    const path = join(target, 'streams', first.id, '00000001.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('account:7', 'account:8'));
    const changed = await botaudit(['verify', signed.directory, '--archive', target]);
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/changed: record 9: /);
  });

  test('in a folder is read like a journal', async () => {
    const { archive, target } = archiveOf(signed);
    await signed.run(3);
    await archive();
    const copy = join(signed.folder, 'restored');
    cpSync(target, copy, { recursive: true });
    const { stdout } = await botaudit(['tail', '--dir', copy, '--json']);
    expect(linesOf(stdout)).toHaveLength(5);
    expect(readdirSync(copy).sort()).toEqual(['catalogue', 'streams']);
  });

  test('that holds nothing is not verified', async () => {
    const { check } = archiveOf(signed);
    expect(await check()).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds no record/) });
  });
});

describe('--metrics-file', () => {
  const series = (file: string) =>
    Object.fromEntries(
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(' ')),
    );
  const success = (operation: string) => `audit_archive_last_success_timestamp_seconds{operation="${operation}"}`;
  const interval = (operation: string) => `audit_archive_interval_seconds{operation="${operation}"}`;

  test('notes when the archive was made, and when it was read, with how often that is expected', async () => {
    journal.closed({});
    const [made, read] = [join(journal.folder, 'made.prom'), join(journal.folder, 'read.prom')];
    const before = Date.now() / 1000;
    expect(await here().archive('--metrics-file', made, '--expected-every', '1h')).toMatchObject({ code: 0 });
    expect(await here().check('--metrics-file', read)).toMatchObject({ code: 0 });
    expect(series(made)).toEqual({ [success('archive')]: expect.any(String), [interval('archive')]: '3600' });
    expect(series(read)).toEqual({
      [success('restore_check')]: expect.any(String),
      [interval('restore_check')]: String(7 * 86_400),
    });
    expect(Number(series(made)[success('archive')])).toBeGreaterThanOrEqual(before);
    // node_exporter is another user.
    expect(statSync(made).mode & 0o777).toBe(0o644);
    expect(readdirSync(journal.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('keeps the time of the last success when one fails, and says 0 where there was none', async () => {
    const stream = journal.closed({});
    const file = join(journal.folder, 'archive.prom');
    expect(await here().check('--metrics-file', file)).toMatchObject({ code: 2 });
    expect(series(file)[success('restore_check')]).toBe('0');
    await here().archive();
    await here().check('--metrics-file', file);
    const last = series(file)[success('restore_check')];
    rmSync(join(here().target, 'streams', stream.id, '00000001.ndjson'));
    expect(await here().check('--metrics-file', file)).toMatchObject({ code: 1 });
    expect(series(file)[success('restore_check')]).toBe(last);
  });

  test('keeps what it says of the other operation, and is for node_exporter', async () => {
    journal.closed({});
    const file = join(journal.folder, 'both.prom');
    await here().archive('--metrics-file', file);
    await here().check('--metrics-file', file);
    expect(Object.keys(series(file)).sort()).toEqual(
      [interval('archive'), interval('restore_check'), success('archive'), success('restore_check')].sort(),
    );
    expect(await here().archive('--metrics-file', join(journal.folder, 'both.txt'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('.prom'),
    });
  });

  test('that can not be written is an error, whatever else was done', async () => {
    journal.closed({});
    const { code, stderr } = await here().archive('--metrics-file', join(journal.folder, 'none', 'archive.prom'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/--metrics-file: ENOENT/);
    expect(await here().archive('--expected-every', '1h')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--expected-every goes with --metrics-file'),
    });
  });
});
