import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JournalFormatError,
  type RawLine,
  readRaw,
  readRawFile,
  readTip,
  StreamReader,
  segmentName,
} from '../src/index.js';
import { Child, succeeds } from './child.js';
import { afterwards, openWriter, readAll, readLines, SampleChain, sampleLines, temporaryFolder } from './sample.js';

/** A stream's folder as a writer would leave it: the content of each segment. */
function stream(...segments: (string | Uint8Array)[]): string {
  const folder = temporaryFolder();
  for (const [index, content] of segments.entries()) writeFileSync(join(folder, segmentName(index + 1)), content);
  return folder;
}

function openReader(folder: string, from?: { segment: number; offset: number }): StreamReader {
  const reader = new StreamReader(folder, { from });
  afterwards(() => reader.close());
  return reader;
}

const raw = (folder: string) => [...readRaw(folder)].map(({ path, ...line }) => line);

describe('a reader', () => {
  it('has the records in order, across segments, with their places and numbers', () => {
    const [a = '', b = '', c = ''] = sampleLines(3);
    const folder = stream(`${a}\n${b}\n`, `${c}\n`);
    const end = a.length + 1;
    expect(readAll(folder)).toEqual([
      { line: a, number: 1, segment: 1, offset: 0, endOffset: end },
      { line: b, number: 2, segment: 1, offset: end, endOffset: end + b.length + 1 },
      { line: c, number: 3, segment: 2, offset: 0, endOffset: c.length + 1 },
    ]);
  });

  it('reads on from where a record ended', () => {
    const lines = sampleLines(6);
    const folder = stream(`${lines.slice(0, 3).join('\n')}\n`, `${lines.slice(3).join('\n')}\n`);
    for (const [index, { segment, endOffset }] of readAll(folder).entries()) {
      const rest = openReader(folder, { segment, offset: endOffset }).read(10);
      expect(rest.map(({ line }) => line)).toEqual(lines.slice(index + 1));
    }
  });

  it('hands out no more than asked, by number and by size, but always one', () => {
    const lines = sampleLines(10);
    const reader = openReader(stream(`${lines.join('\n')}\n`));
    expect(reader.read(3).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(reader.read(10, 1).map(({ number }) => number)).toEqual([4]);
    expect(reader.read(10, lines[4]!.length * 2.5).map(({ number }) => number)).toEqual([5, 6]);
    expect(reader.read(10).map(({ number }) => number)).toEqual([7, 8, 9, 10]);
    expect(reader.read(10)).toEqual([]);
  });

  it('follows a stream that is not there yet, and one that grows', () => {
    const folder = join(temporaryFolder(), 'later');
    const reader = openReader(folder);
    expect(reader.read(10)).toEqual([]);
    mkdirSync(folder);
    expect(reader.read(10)).toEqual([]);
    const [a = '', b = '', c = ''] = sampleLines(3);
    const first = join(folder, segmentName(1));
    appendFileSync(first, a);
    expect(reader.read(10)).toEqual([]);
    appendFileSync(first, `\n${b.slice(0, 5)}`);
    expect(reader.read(10).map(({ number }) => number)).toEqual([1]);
    appendFileSync(first, `${b.slice(5)}\n`);
    writeFileSync(join(folder, segmentName(2)), '');
    expect(reader.read(10).map(({ number }) => number)).toEqual([2]);
    appendFileSync(join(folder, segmentName(2)), `${c}\n`);
    expect(reader.read(10).map(({ number }) => number)).toEqual([3]);
  });

  it('goes on after close where it was, in the middle of a line too', () => {
    const [a = '', b = ''] = sampleLines(2);
    const folder = stream(`${a}\n${b.slice(0, 9)}`);
    const reader = openReader(folder);
    expect(reader.read(10)).toHaveLength(1);
    reader.close();
    appendFileSync(join(folder, segmentName(1)), `${b.slice(9)}\n`);
    expect(reader.read(10).map(({ line }) => line)).toEqual([b]);
  });

  it('follows a writer of another process, segment after segment, and misses nothing', {
    timeout: 30_000,
  }, async () => {
    const count = 3000;
    const child = Child.node('write.mjs', [temporaryFolder(), '{"segmentMaxBytes":65536}', String(count)]);
    await child.printed(1);
    const reader = openReader(child.lines[0]!);
    const numbers: number[] = [];
    const deadline = Date.now() + 20_000;
    while (numbers.length < count && Date.now() < deadline) {
      numbers.push(...reader.read(100).map(({ number }) => number));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(reader.skipped).toEqual({ lines: 0, tornBytes: 0, segments: 0 });
    await child.kill();
  });

  it('passes over what is no record, and counts it', () => {
    const [a = '', b = '', c = ''] = sampleLines(3);
    const garbage = Buffer.concat([
      Buffer.from(`${a}\nno record\n\n{"Attributes":{}}\n`),
      Buffer.from([0xff, 0xfe, 10]),
    ]);
    const folder = stream(garbage, `${'\0'.repeat(3_000_000)}\n${b}\n{"torn`, '', `${c}\n`);
    mkdirSync(join(folder, segmentName(5)));
    symlinkSync('/etc/passwd', join(folder, segmentName(6)));
    succeeds('mkfifo', [join(folder, segmentName(7))]);
    writeFileSync(join(folder, 'notes.txt'), 'x');
    const reader = openReader(folder);
    expect(reader.read(10).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(reader.skipped).toEqual({ lines: 5, tornBytes: 6, segments: 3 });
  });

  it('goes on with what is there when segments before it were removed', () => {
    const lines = sampleLines(4);
    const folder = stream(...lines.map((line) => `${line}\n`));
    const reader = openReader(folder);
    expect(reader.read(1)).toHaveLength(1);
    rmSync(join(folder, segmentName(1)));
    rmSync(join(folder, segmentName(2)));
    expect(reader.read(10).map(({ number }) => number)).toEqual([3, 4]);
    expect(
      openReader(folder, { segment: 1, offset: 5 })
        .read(10)
        .map(({ number }) => number),
    ).toEqual([3, 4]);
  });

  it('refuses a stream of a newer format version, and says what to do', () => {
    const folder = stream(`${sampleLines(1)[0]}\n`);
    writeFileSync(join(folder, 'stream.json'), '{"formatVersion":2}');
    expect(() => new StreamReader(folder)).toThrow(JournalFormatError);
    expect(() => new StreamReader(folder)).toThrow(/stream\.json: has format version 2; .* knows 1: update it/);
    expect(() => [...readRaw(folder)]).toThrow(JournalFormatError);
  });

  it('yields exactly the lines that were written, however appends and reads fall', () => {
    const record = fc
      .tuple(fc.integer({ min: 1, max: 1e9 }), fc.string({ unit: 'grapheme', maxLength: 20 }))
      .map(([number, text]) =>
        JSON.stringify({ Attributes: { 'audit.sequence.number': { intValue: number }, text: { stringValue: text } } }),
      );
    const segments = fc.array(fc.array(record, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        segments,
        fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
        fc.infiniteStream(fc.nat(3)),
        (parts, cuts, reads) => {
          const folder = stream();
          const reader = new StreamReader(folder);
          const found: string[] = [];
          const read = () => {
            const [max = 0] = reads.take(1);
            found.push(...reader.read(max).map(({ line }) => line));
          };
          for (const [index, lines] of parts.entries()) {
            const path = join(folder, segmentName(index + 1));
            let rest = Buffer.from(lines.map((line) => `${line}\n`).join(''));
            while (rest.length > 0) {
              const [cut = 1] = cuts.take(1);
              appendFileSync(path, rest.subarray(0, cut));
              rest = rest.subarray(cut);
              read();
            }
          }
          found.push(...reader.read(1000).map(({ line }) => line));
          reader.close();
          expect(found).toEqual(parts.flat());
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('reading for verification', () => {
  it('shows everything that is there: torn tails, invalid UTF-8, lines that are too long', () => {
    const [a = ''] = sampleLines(1);
    const folder = stream(
      Buffer.concat([Buffer.from(`${a}\n\n`), Buffer.from([0x61, 0xff, 10]), Buffer.from('torn')]),
      `${'y'.repeat(1_500_000)}\n`,
    );
    const lines = raw(folder);
    const [first, empty, invalid, torn, long] = lines;
    const end = a.length + 1;
    expect(lines).toHaveLength(5);
    expect(first).toEqual({ segment: 1, offset: 0, endOffset: end, terminated: true, text: a });
    expect(empty).toEqual({ segment: 1, offset: end, endOffset: end + 1, terminated: true, text: '' });
    expect(invalid).toMatchObject({ terminated: true, defect: 'invalid-utf8', sample: Uint8Array.from([0x61, 0xff]) });
    expect(torn).toMatchObject({ segment: 1, terminated: false, text: 'torn' });
    expect(long).toMatchObject({ segment: 2, endOffset: 1_500_001, terminated: true, defect: 'too-long' });
    expect(Buffer.from(long!.sample!).toString()).toBe('y'.repeat(1024));
  });

  it('says of a file that is missing, a folder, or a pipe that it cannot be read, and never waits for it', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, segmentName(1)));
    succeeds('mkfifo', [join(folder, segmentName(2))]);
    symlinkSync(folder, join(folder, segmentName(3)));
    const defects = raw(folder).map(({ segment, defect, reason }: Partial<RawLine>) => [segment, defect, reason]);
    const reason = expect.stringMatching(/0000000\d\.ndjson: is not a regular file$/);
    expect(defects).toEqual([1, 2, 3].map((segment) => [segment, 'unreadable', reason]));
    expect([...readRawFile(join(folder, 'none'))]).toMatchObject([{ defect: 'unreadable' }]);
  });

  it('takes no more memory for a line of 1 GB', () => {
    const folder = stream('');
    const path = join(folder, segmentName(1));
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, 1024 ** 3);
    closeSync(fd);
    appendFileSync(path, `\n${sampleLines(1)[0]}\n`);
    const before = process.memoryUsage.rss();
    const lines = raw(folder);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    expect(lines.map(({ endOffset, defect }) => [defect, endOffset > 1024 ** 3])).toEqual([
      ['too-long', true],
      [undefined, true],
    ]);
    expect(readAll(folder)).toHaveLength(1);
    expect(readTip(folder)?.number).toBe(1);
  });
});

describe('the tip', () => {
  it('is the last record on a whole line, whatever follows', () => {
    const lines = sampleLines(3);
    const text = `${lines.join('\n')}\n`;
    const last = readAll(stream(text)).at(-1)!;
    for (const folder of [
      stream(text),
      stream(`${text}{"torn`),
      stream(text, ''),
      stream(`${text}no record\n`),
      stream(`${text}${'x'.repeat(200_000)}\n`),
      stream(text, 'only torn', '\n\n'),
      stream(text, Buffer.from([0xff, 10])),
    ]) {
      expect(readTip(folder)).toMatchObject({ number: 3, segment: 1, offset: last.endOffset, closed: false });
    }
  });

  it('is absent where there is no record', () => {
    for (const folder of [stream(), stream(''), stream('torn'), stream('x\n')]) expect(readTip(folder)).toBeUndefined();
  });

  it('of a live writer is its last record', () => {
    const writer = openWriter(temporaryFolder(), { segmentMaxBytes: 3000 });
    const chain = new SampleChain();
    const lines = Array.from({ length: 10 }, (_, index) =>
      chain.next(index === 9 ? { 'audit.sequence.end': true } : {}),
    );
    for (const [index, line] of lines.entries()) {
      writer.append(line);
      expect(readTip(writer.streamDirectory)).toMatchObject({ number: index + 1, closed: index === 9 });
    }
    expect(readLines(writer.streamDirectory)).toEqual(lines);
  });
});
