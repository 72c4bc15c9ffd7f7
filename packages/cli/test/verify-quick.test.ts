import { hash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckReport } from '../src/journal/check.js';
import { checkJournal } from '../src/journal/check-journal.js';
import { botaudit } from './support/botaudit.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const segment = ({ directory }: TestStream) => join(directory, '00000001.ndjson');
const full = () => checkJournal(journal.directory, {});
const quick = () => checkJournal(journal.directory, { quick: true });

/** Streams of which each names the end of the one before. */
function threeStreams(): TestStream[] {
  const streams: TestStream[] = [];
  for (const count of [6, 4, 8]) {
    const before = streams.at(-1);
    const number = before?.lines.length;
    const tip = before && {
      stream_id: before.id,
      number: number as number,
      hash: hash('sha256', before.lines.at(-1)!),
    };
    const stream = journal.open(undefined, { body: tip && { ended_streams: [tip] } });
    for (let index = 0; index < count; index++) stream.write(index === 2 ? { body: { text: 'ü😀\n' } } : {});
    stream.close();
    streams.push(stream);
  }
  return streams;
}

/** A stream's lines with one of them made by `change`, and all that follow chained to it anew. */
function forged({ lines }: TestStream, index: number, change: (line: string) => string): string[] {
  const result = lines.slice(0, index);
  for (const line of lines.slice(index)) {
    const record = parseRecord(line);
    const last = result.at(-1);
    if (last) record.attributes['audit.sequence.previous_hash'] = hash('sha256', last);
    const chained = canonicalRecord(record);
    result.push(result.length === index ? change(chained) : chained);
  }
  return result;
}

/** Kinds of findings that are about the chain; a `malformed` line is one too unless it is the last that nothing names. */
const CHAIN = ['changed', 'removed', 'added', 'moved', 'duplicated'];

const breaksChain = ({ findings }: CheckReport) =>
  findings.some(({ kind, severity }) => severity === 'error' && CHAIN.includes(kind));

type Damage = (lines: Uint8Array[], stream: TestStream) => Uint8Array[];

const textOf = (line: Uint8Array) => Buffer.from(line).toString();

const at = fc.nat({ max: 1_000 });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(at, fc.nat(), fc.nat({ max: 7 })).map(
    ([line, byte, bit]): Damage =>
      (lines) => {
        const changed = Buffer.from(lines[line % lines.length]!);
        changed[byte % changed.length]! ^= 1 << bit;
        return lines.with(line % lines.length, changed);
      },
  ),
  at.map(
    (line): Damage =>
      (lines) =>
        lines.toSpliced(line % lines.length, 1),
  ),
  fc.tuple(at, at).map(
    ([from, to]): Damage =>
      (lines) => {
        return lines.toSpliced(to % (lines.length + 1), 0, lines[from % lines.length]!);
      },
  ),
  fc.tuple(at, at).map(
    ([from, to]): Damage =>
      (lines) => {
        const [a, b] = [from % lines.length, to % lines.length];
        return lines.with(a, lines[b]!).with(b, lines[a]!);
      },
  ),
  at.map(
    (count): Damage =>
      (lines) =>
        lines.slice(0, 1 + (count % lines.length)),
  ),
  at.map(
    (count): Damage =>
      (lines) =>
        lines.slice(count % lines.length),
  ),
  at.map(
    (line): Damage =>
      (lines) => {
        const other = Buffer.from(textOf(lines[line % lines.length]!).replace('telegram:42', 'telegram:43'));
        return lines.with(line % lines.length, other);
      },
  ),
  at.map(
    (line): Damage =>
      (_lines, stream) => {
        const made = forged(stream, line % stream.lines.length, (text) => text.replace('telegram:7', 'telegram:8'));
        return made.map((text) => Buffer.from(`${text}\n`));
      },
  ),
);

describe('verify --quick', () => {
  test('says that it checked the chain alone, with the same exit codes', async () => {
    const [stream] = threeStreams() as [TestStream];
    const args = ['verify', '--quick', journal.directory];
    const sound = await botaudit(args);
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    expect(sound.stdout).toBe(
      'consistent (unsigned), chain only: not that each line is a record: 3 streams, 24 records\n',
    );
    expect(JSON.parse((await botaudit([...args, '--json'])).stdout)).toMatchObject({ intact: true, quick: true });
    writeFileSync(segment(stream), `${stream.lines.toSpliced(3, 1).join('\n')}\n`);
    const damaged = await botaudit(args);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(new RegExp(`^${stream.id} 4 removed: .*\nnot consistent, chain only`));
    expect((await botaudit(['verify', '--quick', join(journal.folder, 'nowhere')])).code).toBe(2);
    const input = { input: readFileSync(segment(stream)) };
    expect((await botaudit(['verify', '--quick', '-'], input)).code).toBe(1);
    expect((await botaudit(['verify', '--quick', segment(stream)])).code).toBe(1);
  });

  test('does not go with an archive', async () => {
    const { code, stderr } = await botaudit(['verify', '--quick', '--archive', '/nowhere', journal.directory]);
    expect(code).toBe(2);
    expect(stderr).toContain('--quick does not go with --archive');
  });

  test.each<[string, (line: string) => string]>([
    ['is not in canonical form', (line) => line.replace('{"Attributes":', '{ "Attributes":')],
    ['is no JSON', (line) => line.slice(0, -1)],
    [
      'lacks an attribute that every record has',
      (line) => line.replace('"audit.actor.type":{"stringValue":"user"},', ''),
    ],
  ])('does not see that a line %s, where the chain was computed anew', (_what, change) => {
    const last = threeStreams().at(-1)!;
    writeFileSync(segment(last), `${forged(last, 4, change).join('\n')}\n`);
    expect(full()).toMatchObject({ intact: false });
    expect(quick()).toMatchObject({ intact: true, records: 24 });
  });

  test('does not see that two records share an id', () => {
    const stream = journal.closed({}, {}, {});
    const id = String(parseRecord(stream.lines[1]!).attributes['audit.record.id']);
    const lines = forged(stream, 2, (line) => line.replace(/("audit\.record\.id":\{"stringValue":")[^"]+/, `$1${id}`));
    writeFileSync(segment(stream), `${lines.join('\n')}\n`);
    expect(full().findings).toContainEqual(expect.objectContaining({ kind: 'duplicated' }));
    expect(quick().intact).toBe(true);
  });

  test('sees that a whole stream is gone that another one names', () => {
    const [first] = threeStreams() as [TestStream];
    renameSync(first.directory, join(journal.folder, 'away'));
    expect(quick().findings).toContainEqual(expect.objectContaining({ stream: first.id, kind: 'removed' }));
  });

  test('sees the same in segments that are read in many pieces, with lines of any length between them', () => {
    const stream = journal.open();
    const lengths = [
      0, 100_000, 15_000, 16_000, 17_000, 200_000, 1, 250_000, 60_000, 32_000, 0, 0, 240_000, 5, 130_000,
    ];
    for (const length of lengths) stream.write({ attributes: { note: 'é'.repeat(length / 2) } });
    stream.close();
    expect(full()).toMatchObject({ intact: true, records: lengths.length + 2 });
    expect(quick()).toEqual({ ...full(), quick: true });
    stream.lines.forEach((line, index) => {
      writeFileSync(
        segment(stream),
        stream.lines
          .map((each) => `${each}\n`)
          .toSpliced(index, 1)
          .join(''),
      );
      // Of the last ones nothing tells but that the stream is not closed.
      expect(quick()).toEqual({ ...full(), quick: true });
      const changed = line.replace('telegram:42', 'telegram:43');
      writeFileSync(segment(stream), `${stream.lines.with(index, changed).join('\n')}\n`);
      expect(quick()).toEqual({ ...full(), quick: true });
      // A last line without its newline, and half of one.
      const before = stream.lines.slice(0, index).map((each) => `${each}\n`);
      for (const last of [line, line.slice(0, line.length / 2)]) {
        writeFileSync(segment(stream), [...before, last].join(''));
        expect(quick()).toEqual({ ...full(), quick: true });
      }
    });
  });

  test('finds every break of the chain that is found in full, and nothing where that finds nothing', () => {
    const streams = threeStreams();
    const sound = full();
    expect(quick()).toEqual({ ...sound, quick: true });
    let found = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: streams.length - 1 }),
        fc.array(damage, { minLength: 1, maxLength: 2 }),
        (which, all) => {
          const stream = streams[which]!;
          const original: Uint8Array[] = stream.lines.map((line) => Buffer.from(`${line}\n`));
          const damaged = all.reduce((lines, each) => (lines.length > 0 ? each(lines, stream) : lines), original);
          writeFileSync(segment(stream), Buffer.concat(damaged));
          try {
            const [inFull, chainOnly] = [full(), quick()];
            if (breaksChain(inFull)) {
              found++;
              expect(chainOnly.intact).toBe(false);
            }
            if (!chainOnly.intact) expect(inFull.intact).toBe(false);
          } finally {
            writeFileSync(segment(stream), Buffer.concat(original));
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(100);
  });
});

describe('verify --jobs', () => {
  test('says the same, however many threads read', async () => {
    const streams = [0, 1, 2].map((index) => {
      const stream = journal.open(undefined, { segmentMaxBytes: 8 * 1024 });
      for (let count = 0; count < 60 + index; count++) stream.write({ attributes: { note: `ü${count}` } });
      stream.close();
      return stream;
    });
    const [first, second, third] = streams as [TestStream, TestStream, TestStream];
    const named = { stream_id: second.id, number: 99, hash: 'a'.repeat(64) };
    journal.open(undefined, { body: { ended_streams: [named] } });
    const same = async (...more: string[]) => {
      const run = (jobs: number) => botaudit(['verify', '--json', ...more, '--jobs', String(jobs), journal.directory]);
      const [one, ...others] = await Promise.all([run(1), run(2), run(7)]);
      for (const other of others) expect(other).toEqual(one);
      return JSON.parse(one!.stdout) as CheckReport;
    };
    const before = await same();
    expect(before.findings).toContainEqual(expect.objectContaining({ stream: second.id, kind: 'removed', number: 64 }));
    expect(before.findings.filter(({ severity }) => severity === 'error')).toHaveLength(1);
    const lines = readFileSync(segment(first), 'utf8').split('\n');
    writeFileSync(segment(first), lines.toSpliced(2, 1).toSpliced(4, 0, 'garbage').join('\n'));
    writeFileSync(join(third.directory, '00000003.ndjson'), Buffer.from([0xff, 10, 0xfe]));
    const after = await same();
    expect(new Set(after.findings.map(({ kind }) => kind))).toEqual(
      new Set(['removed', 'malformed', 'torn', 'not_closed']),
    );
    await same('--quick');
    expect((await botaudit(['verify', '--jobs', '3', third.directory])).code).toBe(1);
    expect((await botaudit(['verify', '--jobs', '0', journal.directory])).code).toBe(2);
  });
});
