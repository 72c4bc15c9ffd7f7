import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { makeKey, SignedJournal } from './support/signed-journal.js';
import { errorsOf, verifyJournal } from './support/verify-journal.js';

let journal: SignedJournal;
beforeEach(() => {
  journal = new SignedJournal();
});
afterEach(() => journal.remove());

const verify = (args?: readonly string[], what?: string) => verifyJournal(journal, args, what);
const unsigned = () => verify([]);

describe('with the public key', () => {
  test('a journal is authentic: closed streams to their end, of a killed process what it left, once it is adopted', async () => {
    await journal.run(12);
    await journal.runAndDie(13);
    await journal.run(3);
    const { code, stdout, stderr } = await verify();
    expect(stderr).toBe('');
    expect(linesOf(stdout).slice(0, -1)).toEqual([expect.stringMatching(/ 14 not_closed \(notice\): /)]);
    expect(linesOf(stdout).at(-1)).toMatch(
      /^authentic: 3 streams, 34 records, signed by [0-9a-f]{16} in \d+ checkpoints$/,
    );
    expect(code).toBe(0);
    const json = JSON.parse((await verify(['--json', '--public-key', journal.key.publicKey])).stdout);
    expect(json).toMatchObject({ intact: true, signed: true, unsigned: 0, keyIds: [expect.any(String)] });
    // A stream alone, and an export, too.
    const stream = await journal.run(4);
    expect((await verify(undefined, stream.directory)).stdout).toMatch(/^authentic: 1 stream, 6 records/m);
    const exported = join(journal.folder, 'export.ndjson');
    writeFileSync(exported, [...stream.records, ...stream.checkpoints, ''].join('\n'));
    expect((await verify(undefined, exported)).stdout).toMatch(/^authentic: 1 stream, 6 records/m);
    const piped = await botaudit(['verify', '--public-key', journal.key.publicKey, '-'], {
      input: readFileSync(exported),
    });
    expect(piped.stdout).toMatch(/^authentic: 1 stream, 6 records/m);
  });

  test('records that came after the last checkpoint of a stream that goes on are told as such; it is no error', async () => {
    await journal.runAndDie(12);
    const { code, stdout } = await verify();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ 12 unsigned \(notice\): records 12 to 13: no checkpoint vouches for them yet/);
    expect(linesOf(stdout).at(-1)).toMatch(
      /^authentic: 1 stream, 13 records, signed by [0-9a-f]{16} in 2 checkpoints, but for 2 records later than the last checkpoint \(unsigned\)$/,
    );
  });

  test('several keys may be given, of which any will do', async () => {
    const other = makeKey(journal.folder, 'other');
    await journal.run(3);
    await journal.run(3, { key: other });
    expect((await verify()).code).toBe(1);
    const both = await verify(['--public-key', journal.key.publicKey, '--public-key', other.publicKey]);
    expect(both.stdout).toMatch(/^authentic: 2 streams, 10 records, signed by [0-9a-f]{16}, [0-9a-f]{16} in 4 /);
  });

  test('a key in the journal’s own folder is taken, with a word about what that is worth', async () => {
    await journal.run(3);
    const own = join(journal.directory, 'signing.pub');
    copyFileSync(journal.key.publicKey, own);
    const { code, stdout, stderr } = await verify(['--public-key', own]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^authentic: /);
    expect(stderr).toContain('lies in the journal that it is to vouch for');
    expect(linesOf(stderr)).toHaveLength(1);
  });

  test.each<[string, (folder: string) => string, RegExp]>([
    ['is not there', (folder) => join(folder, 'nowhere.pub'), /nowhere\.pub can't be read \(ENOENT\)$/],
    [
      'is the private one',
      (folder) => join(folder, 'signing.key'),
      /signing\.key: Not an Ed25519 public key: it is a private key; openssl pkey/,
    ],
    ['is garbage', (folder) => garbageIn(folder), /garbage\.pub: Not an Ed25519 public key: neither PEM/],
  ])('a key that %s: exit 2, and one line that says so', async (_, path, message) => {
    await journal.run(1);
    const { code, stdout, stderr } = await verify(['--public-key', path(journal.folder)]);
    expect([code, stdout]).toEqual([2, '']);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(message)]);
    expect(stderr).not.toContain('BEGIN PRIVATE');
  });
});

function garbageIn(folder: string): string {
  const path = join(folder, 'garbage.pub');
  writeFileSync(path, 'garbage');
  return path;
}
describe('files of checkpoints', () => {
  test('that end within a line are noticed, and what they vouch for before that counts', async () => {
    const stream = await journal.run(3);
    appendFileSync(stream.checkpointFile, '{"Attributes":{"audit');
    const { code, stdout } = await verify();
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual([
      `${stream.id} - torn (notice): the last checkpoint was not written to its end (checkpoints.ndjson, line 3)`,
      expect.stringMatching(/^authentic: 1 stream, 5 records/),
    ]);
  });

  test('that can not be read, and streams of a newer version, are unchecked: exit 2', async () => {
    const stream = await journal.run(3);
    const lines = stream.checkpoints;
    rmSync(stream.checkpointFile);
    mkdirSync(stream.checkpointFile);
    const folder = await unsigned();
    expect(folder.stdout).toMatch(
      new RegExp(`^${stream.id} - unchecked: .*checkpoints\\.ndjson: is not a regular file`),
    );
    expect(folder.code).toBe(2);
    rmSync(stream.checkpointFile, { recursive: true });
    stream.checkpoints = lines;
    const info = join(stream.directory, 'stream.json');
    writeFileSync(info, readFileSync(info, 'utf8').replace('"formatVersion":1', '"formatVersion":2'));
    const newer = await verify();
    expect(errorsOf(newer.stdout)).toEqual([expect.stringMatching(/ - unchecked: .*format version 2.*update/)]);
    expect(newer.code).toBe(2);
  });
});

describe('checkpoints from elsewhere', () => {
  test('are taken from a collector’s archive as well, in any order and as often as they came', async () => {
    const stream = await journal.run(25);
    const logRecords = stream.checkpoints.map((line) => {
      const { timestamp, observedTimestamp, eventName, attributes, body } = parseRecord(line);
      const keyValues = (map: object) =>
        Object.entries(map).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));
      return {
        timeUnixNano: timestamp,
        observedTimeUnixNano: observedTimestamp,
        eventName,
        attributes: keyValues(attributes),
        body: { kvlistValue: { values: keyValues(body ?? {}) } },
      };
    });
    const request = (records: object[]) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
    const archive = join(journal.folder, 'archive.jsonl');
    const foreign = [{ timeUnixNano: '1', body: { stringValue: 'not ours' } }];
    writeFileSync(archive, [request([...logRecords].reverse()), request(foreign), request(logRecords), ''].join('\n'));
    stream.records = stream.records.slice(0, 12);
    stream.checkpoints = stream.checkpoints.slice(0, 2);
    expect((await verify()).code).toBe(0);
    const { stdout } = await verify(['--public-key', journal.key.publicKey, '--checkpoints', archive]);
    expect(errorsOf(stdout)).toEqual([expect.stringContaining(`${stream.id} 13 removed: records 13 to 27: missing`)]);
  });

  test.each([
    ['nowhere.ndjson', /nowhere\.ndjson can't be read \(ENOENT\)/],
    ['empty.ndjson', /empty\.ndjson holds no checkpoint/],
  ])('%s: exit 2', async (name, message) => {
    await journal.run(1);
    writeFileSync(join(journal.folder, 'empty.ndjson'), 'hello\n{}\n{"resourceLogs":7}\n');
    const { code, stderr } = await verify(['--checkpoints', join(journal.folder, name)]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(message)]);
  });
});

test('without the key the checkpoints are named, and what would tell more', async () => {
  await journal.run(3);
  const { code, stdout } = await unsigned();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^consistent \(unsigned\): 1 stream, 5 records; 2 checkpoints, said to be signed by [0-9a-f]{16}, would tell more with --public-key\n$/,
  );
});
