import { hash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';
import { makeKey, SignedJournal, type SignedStream } from './support/signed-journal.js';

let journal: SignedJournal;
beforeEach(() => {
  journal = new SignedJournal();
});
afterEach(() => journal.remove());

/** Verifies the journal with its public key, or as `args` say. */
const verify = (args: readonly string[] = ['--public-key', journal.key.publicKey], what = journal.directory) =>
  botaudit(['verify', ...args, what]);
const unsigned = () => verify([]);

/** Findings that are errors, each a line; the last line is the summary. */
const errorsOf = (stdout: string) =>
  linesOf(stdout)
    .slice(0, -1)
    .filter((line) => !line.includes('(notice)'));

/** What whoever may write the journal can do: change a record, and chain all that follow anew. */
function rewrite(lines: readonly string[], from: number, change: (line: string) => string): string[] {
  const rewritten: string[] = [];
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(index === from ? change(line) : line);
    const before = rewritten.at(-1);
    if (before !== undefined) record.attributes['audit.sequence.previous_hash'] = hash('sha256', before);
    rewritten.push(canonicalRecord(record));
  }
  return rewritten;
}
const forged = (line: string) => line.replace('telegram:42', 'telegram:43');

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

describe('what whoever may write the journal, but has no key, can try', () => {
  let first: SignedStream;
  let last: SignedStream;
  beforeEach(async () => {
    first = await journal.run(20);
    last = await journal.run(8);
  });

  /** Exit codes and errors with the key, and without. */
  async function told() {
    const [strict, loose] = [await verify(), await unsigned()];
    expect(strict.stderr + loose.stderr).toBe('');
    return {
      strict: { code: strict.code, errors: errorsOf(strict.stdout) },
      loose: { code: loose.code, errors: errorsOf(loose.stdout) },
    };
  }

  test('cutting off the end of the last stream: a checkpoint commits what is missing', async () => {
    last.records = last.records.slice(0, 4);
    const { strict, loose } = await told();
    const expected = `${last.id} 5 removed: records 5 to 10: missing, though checkpoint 2 of stream ${last.id} commits record 10`;
    expect(strict).toEqual({ code: 1, errors: [expected] });
    expect(loose).toEqual({ code: 1, errors: [expected] });
  });

  test('cutting off the end, and the checkpoint of it: it looks as if the process had been killed; only from elsewhere is there proof', async () => {
    const elsewhere = join(journal.folder, 'elsewhere.ndjson');
    copyFileSync(last.checkpointFile, elsewhere);
    last.records = last.records.slice(0, 4);
    last.checkpoints = last.checkpoints.slice(0, 1);
    const { strict, loose } = await told();
    expect(strict).toEqual({ code: 0, errors: [] });
    expect(loose).toEqual({ code: 0, errors: [] });
    expect((await verify()).stdout).toMatch(/but for 3 records later than the last checkpoint \(unsigned\)\n$/);
    const held = await verify(['--public-key', journal.key.publicKey, '--checkpoints', elsewhere]);
    expect(held.code).toBe(1);
    expect(errorsOf(held.stdout)).toEqual([expect.stringContaining(`${last.id} 5 removed: records 5 to 10: missing`)]);
  });

  test('cutting off the end of an earlier stream: the next one names it, and a signature vouches for that', async () => {
    first.records = first.records.slice(0, 15);
    first.checkpoints = first.checkpoints.slice(0, 2);
    const { strict, loose } = await told();
    expect(strict.errors).toEqual([
      expect.stringMatching(/ 16 removed: records 16 to 22: missing, though stream \S+ names record 22$/),
    ]);
    expect(loose).toEqual(strict);
  });

  test('removing a whole stream, the last one too: it is missed where another one, or a checkpoint from elsewhere, knows of it', async () => {
    const elsewhere = join(journal.folder, 'elsewhere.ndjson');
    copyFileSync(last.checkpointFile, elsewhere);
    rmSync(first.directory, { recursive: true });
    const { strict, loose } = await told();
    expect(strict.errors).toEqual([
      expect.stringContaining(`${first.id} 1 removed: records 1 to 22: missing, and with it the whole stream`),
    ]);
    expect(loose).toEqual(strict);
    rmSync(last.directory, { recursive: true });
    mkdirSync(last.directory);
    const held = await verify(['--public-key', journal.key.publicKey, '--checkpoints', elsewhere]);
    expect(held.code).toBe(1);
    expect(errorsOf(held.stdout)).toEqual([expect.stringContaining(`${last.id} 1 removed: records 1 to 10: missing`)]);
  });

  test('writing a stream anew, all of its chain: without the key it is consistent, with it it is not authentic', async () => {
    last.records = rewrite(last.records, 5, forged);
    const kept = await told();
    expect(kept.strict.errors).toEqual([
      `${last.id} 10 changed: record 10: not the record that checkpoint 2 of stream ${last.id} commits`,
    ]);
    expect(kept.loose).toEqual(kept.strict);
    rmSync(last.checkpointFile);
    const { strict, loose } = await told();
    expect(loose).toEqual({ code: 0, errors: [] });
    expect((await unsigned()).stdout).toMatch(/^consistent \(unsigned\): 2 streams, 32 records/);
    expect(strict.code).toBe(1);
    expect(strict.errors).toEqual([
      `${last.id} 1 unsigned: records 1 to 10: no checkpoint vouches for any record of this stream`,
    ]);
  });

  test('writing a whole stream of its own, well made: nobody vouches for it', async () => {
    const foreign = new SignedJournal();
    const stream = await foreign.run(5);
    const { key } = foreign;
    const target = join(journal.directory, 'streams', stream.id);
    mkdirSync(target);
    for (const name of ['stream.json', '00000001.ndjson', 'checkpoints.ndjson']) {
      copyFileSync(join(stream.directory, name), join(target, name));
    }
    const { strict, loose } = await told();
    expect(loose).toEqual({ code: 0, errors: [] });
    expect(strict.code).toBe(1);
    expect(strict.errors.filter((line) => line.includes('is signed by another key'))).toHaveLength(2);
    expect(strict.errors).toContainEqual(expect.stringContaining(`${stream.id} 1 unsigned: records 1 to 7`));
    expect((await verify(['--public-key', key.publicKey])).code).toBe(1);
    foreign.remove();
  });

  test.each<[string, (first: SignedStream, last: SignedStream) => void, RegExp, RegExp | undefined]>([
    [
      'removing a checkpoint in the middle',
      (stream) => (stream.checkpoints = stream.checkpoints.toSpliced(1, 1)),
      /checkpoint: checkpoint 3: checkpoint 2 is missing between 1 and it \(checkpoints\.ndjson, line 2\)$/,
      /checkpoint 2 is missing/,
    ],
    [
      'editing a checkpoint, its record and all',
      (stream) =>
        (stream.checkpoints = stream.checkpoints.map((line, at) =>
          at === 1 ? line.replace(/(\d)Z/, (_, digit) => `${(Number(digit) + 1) % 10}Z`) : line,
        )),
      /checkpoint: Not a checkpoint: its record says something else than it, or more \(checkpoints\.ndjson, line 2\)$/,
      /says something else/,
    ],
    [
      'putting garbage among checkpoints',
      (stream) => (stream.checkpoints = stream.checkpoints.toSpliced(1, 0, 'garbage')),
      /malformed: a line is not a checkpoint: not JSON \(checkpoints\.ndjson, line 2\)$/,
      /not JSON/,
    ],
    [
      'putting a record among checkpoints',
      (stream) => (stream.checkpoints = [...stream.checkpoints, stream.records[1]!]),
      /malformed: a line is not a checkpoint: it carries no checkpoint/,
      /carries no checkpoint/,
    ],
    [
      'putting a checkpoint among records',
      (stream) => appendFileSync(stream.segment, `${stream.checkpoints[0]}\n`),
      /checkpoint: checkpoint 1: stands among records \(00000001\.ndjson, line 23\)$/,
      /stands among records/,
    ],
    [
      'swapping the checkpoints of two streams',
      (one, other) => {
        [one.checkpoints, other.checkpoints] = [other.checkpoints, one.checkpoints];
      },
      /checkpoint: checkpoint 1: is of stream \S+, yet stands in the folder of this one/,
      /stands in the folder of this one/,
    ],
  ])('%s', async (_, tamper, strictly, loosely) => {
    tamper(first, last);
    const { strict, loose } = await told();
    expect(strict.code).toBe(1);
    expect(
      strict.errors.some((line) => strictly.test(line)),
      strict.errors.join('\n'),
    ).toBe(true);
    if (loosely)
      expect(
        loose.errors.some((line) => loosely.test(line)),
        loose.errors.join('\n'),
      ).toBe(true);
  });
});

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
