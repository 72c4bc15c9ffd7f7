import { hash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SignedJournal, type SignedStream } from './support/signed-journal.js';
import { errorsOf, verifyJournal } from './support/verify-journal.js';

let journal: SignedJournal;
beforeEach(() => {
  journal = new SignedJournal();
});
afterEach(() => journal.remove());

const verify = (args?: readonly string[], what?: string) => verifyJournal(journal, args, what);
const unsigned = () => verify([]);

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
