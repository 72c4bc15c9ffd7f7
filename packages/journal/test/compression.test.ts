import { spawnSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { JournalWriter as PublishedWriter } from '@botaudit/journal';
import { describe, expect, it } from 'vitest';
import { compressionSteps } from '../src/compression.js';
import {
  cursorAfter,
  enforceLimits,
  listSegments,
  listStreams,
  loadCursor,
  readRaw,
  readTip,
  recoverStream,
  StreamReader,
  saveCursor,
} from '../src/index.js';
import { drain } from '../src/steps.js';
import { Child, isRoot, rootOnly, succeeds } from './child.js';
import { afterwards, openWriter, readAll, readLines, SampleChain, streamInfo, temporaryFolder } from './sample.js';

const hasZstd = succeeds('zstd', ['--version']);
const zstdOnly = hasZstd ? '' : ' (skipped: zstd is not installed)';

/** A stream of several segments of about 100 kB. */
function stream(directory: string, { live = false, records = 400 } = {}): { folder: string; lines: string[] } {
  const writer = openWriter(directory, { segmentMaxBytes: 100_000 });
  const chain = new SampleChain(basename(writer.streamDirectory));
  const lines = Array.from({ length: records }, (_, index) => chain.next({ 'bot.text': 'é'.repeat(index % 400) }));
  for (const line of lines) writer.append(line);
  if (!live) writer.close();
  return { folder: writer.streamDirectory, lines };
}

const compress = (directory: string, own?: string) => drain(compressionSteps(directory, { own }));
const filesOf = (folder: string) => readdirSync(folder).filter((name) => /^\d/.test(name));

/** A stream with one segment, a compressed one of this content. */
function streamOf(content: Uint8Array): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '00000001.ndjson.zst'), content);
  return folder;
}

describe('a compressed segment', () => {
  it('is read like any other: by readers from anywhere, for verification, at its tip', () => {
    const directory = temporaryFolder();
    const { folder, lines } = stream(directory);
    const [places, raw, tip] = [readAll(folder), [...readRaw(folder)], readTip(folder)];
    compress(directory);
    const files = filesOf(folder);
    expect(files.filter((name) => name.endsWith('.zst')).length).toBeGreaterThan(2);
    expect(listSegments(folder)).toHaveLength(files.length);

    expect(readLines(folder)).toEqual(lines);
    expect(readAll(folder)).toEqual(places);
    const withoutPath = (found: readonly { path: string }[]) => found.map(({ path, ...line }) => line);
    expect(withoutPath([...readRaw(folder)])).toEqual(withoutPath(raw));
    expect(readTip(folder)).toEqual(tip);
    expect(recoverStream({ streamId: 'any', directory: folder })).toMatchObject({ records: 400, damagedLines: 0 });
    for (const place of places.filter((_, index) => index % 37 === 0)) {
      saveCursor(folder, cursorAfter(place));
      expect(loadCursor(folder)).toEqual(cursorAfter(place));
      const reader = new StreamReader(folder, { from: loadCursor(folder) });
      expect(reader.read(1000).map(({ line }) => line)).toEqual(lines.slice(place.number));
      reader.close();
    }
  });

  it.skipIf(!hasZstd)(`is what zstd makes of it as well${zstdOnly}`, () => {
    const directory = temporaryFolder();
    const { folder } = stream(directory);
    const before = readFileSync(join(folder, '00000001.ndjson'));
    compress(directory);
    const { stdout } = spawnSync('zstd', ['-dc', join(folder, '00000001.ndjson.zst')], { maxBuffer: 10 ** 8 });
    expect(stdout).toEqual(before);
  });

  it('takes much less room, and keeps rights and time', () => {
    const directory = temporaryFolder();
    const { folder } = stream(directory);
    const path = join(folder, '00000001.ndjson');
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    const { size } = statSync(path);
    compress(directory);
    const stats = statSync(`${path}.zst`);
    expect(stats.size).toBeLessThan(size / 3);
    expect(stats.mode & 0o777).toBe(0o600);
    expect(stats.mtimeMs).toBe(1_600_000_000_000);
  });

  it('is made of finished segments alone: never of the one that is written, nor of other living streams', () => {
    const directory = temporaryFolder();
    const own = stream(directory, { live: true });
    const other = stream(directory, { live: true });
    compress(directory, basename(own.folder));
    expect(filesOf(own.folder).at(-1)).toMatch(/\.ndjson$/);
    expect(
      filesOf(own.folder)
        .slice(0, -1)
        .every((name) => name.endsWith('.zst')),
    ).toBe(true);
    expect(filesOf(other.folder).every((name) => name.endsWith('.ndjson'))).toBe(true);
  });

  it('is read once where both files are there, as a crash leaves them, and the other one goes with the next', () => {
    const directory = temporaryFolder();
    const { folder, lines } = stream(directory);
    const path = join(folder, '00000001.ndjson');
    const before = readFileSync(path);
    compress(directory);
    writeFileSync(path, before);
    writeFileSync(`${path}.zst.0123456789ab.tmp`, 'part of one');
    expect(readLines(folder)).toEqual(lines);
    compress(directory);
    expect(filesOf(folder)).not.toContain('00000001.ndjson');
    expect(readLines(folder)).toEqual(lines);
    const hoursAgo = Date.now() / 1000 - 7200;
    utimesSync(`${path}.zst.0123456789ab.tmp`, hoursAgo, hoursAgo);
    compress(directory);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.skipIf(!isRoot)(`is not made of what another user wrote, who could not read it afterwards${rootOnly}`, () => {
    const directory = temporaryFolder();
    const { folder } = stream(directory);
    chownSync(join(folder, '00000001.ndjson'), 65534, 65534);
    compress(directory);
    expect(
      filesOf(folder)
        .filter((name) => !name.endsWith('.zst'))
        .at(0),
    ).toBe('00000001.ndjson');
  });

  it('goes like any other when the limits ask for it, and is told of with its records', () => {
    const directory = temporaryFolder();
    const { folder, lines } = stream(directory);
    compress(directory);
    const { removed } = enforceLimits(directory, { maxBytes: 1, minFreeBytes: 0 });
    expect(removed).toMatchObject([{ firstSegment: 1, firstNumber: 1, lastNumber: lines.length }]);
    expect(listStreams(directory)).toEqual([]);
    expect(() => statSync(folder)).toThrow('ENOENT');
  });
});

describe('whoever is killed while compressing', () => {
  it('leaves each record once, whenever it was; and so do two at the same stream', { timeout: 120_000 }, async () => {
    const directory = temporaryFolder();
    for (let round = 0; round < 10; round++) {
      const { folder, lines } = stream(directory, { records: 1500 });
      const children = [Child.node('compress.mjs', [directory]), Child.node('compress.mjs', [directory])];
      await Promise.all(children.map((child) => child.printed(1)));
      // Some segments further on.
      await children[0]!.printed(Math.ceil(Math.random() * 8));
      await children[0]!.kill();
      expect(readLines(folder)).toEqual(lines);
      if (round % 2 === 0) await children[1]!.kill();
      else expect(await children[1]!.end()).toBe(0);
      expect(readLines(folder)).toEqual(lines);
      const findings = [...readRaw(folder)].filter(({ terminated, defect }) => !terminated || defect);
      expect(findings).toEqual([]);
    }
  });
});

describe('a writer that compresses', () => {
  it('does so in the background, while its stream is read', { timeout: 60_000 }, async () => {
    const directory = temporaryFolder();
    const streamId = crypto.randomUUID();
    const writer = PublishedWriter.open({
      directory,
      streamId,
      info: streamInfo(streamId),
      limits: { maxBytes: 1024 ** 4, minFreeBytes: 0 },
      segmentMaxBytes: 100_000,
      compress: 'zstd',
    });
    afterwards(() => writer.close());
    const folder = writer.streamDirectory!;
    const chain = new SampleChain(streamId);
    const reader = new StreamReader(folder);
    afterwards(() => reader.close());
    const lines: string[] = [];
    const found: string[] = [];
    const write = () => {
      lines.push(chain.next({ 'bot.text': 'x'.repeat(2000) }));
      writer.append(lines.at(-1)!);
      found.push(...reader.read(3).map(({ line }) => line));
    };
    for (let count = 0; count < 300; count++) write();
    await expect
      .poll(
        () => {
          write();
          return filesOf(folder).filter((name) => name.endsWith('.zst')).length;
        },
        { timeout: 45_000 },
      )
      .toBeGreaterThan(3);
    found.push(...reader.read(10_000).map(({ line }) => line));
    expect(found).toEqual(lines);
    expect(readLines(folder)).toEqual(lines);
  });
});

describe('a file that only looks compressed', () => {
  const lines = (content: Uint8Array) => [...readRaw(streamOf(content))];
  const reasons = (content: Uint8Array) => lines(content).map(({ reason }) => reason?.split('.zst: ')[1]);

  it('is a finding, whatever it holds, and no reader stops at it', () => {
    expect(lines(new Uint8Array(0))).toEqual([]);
    expect(reasons(Buffer.from('{"a":1}\n{"b":2}\n'))).toEqual(['is not compressed with Zstandard at byte 0']);
    expect(reasons(Buffer.alloc(5000))).toEqual(['is not compressed with Zstandard at byte 0']);
    expect(reasons(Buffer.from([0x28, 0xb5]))).toEqual(['is cut off at byte 0']);
    const folder = streamOf(Buffer.alloc(5000));
    const [line = ''] = [new SampleChain().next()];
    writeFileSync(join(folder, '00000002.ndjson'), `${line}\n`);
    const reader = new StreamReader(folder);
    expect(reader.read(10).map((read) => read.line)).toEqual([line]);
    expect(reader.skipped.segments).toBe(1);
    expect(readTip(folder)?.segment).toBe(2);
    reader.close();
  });

  it('and is a bomb takes neither time nor memory', { timeout: 60_000 }, () => {
    const frame = zstdCompressSync(Buffer.alloc(16 * 1024 * 1024));
    expect(frame.length).toBeLessThan(2000);
    const before = process.memoryUsage.rss();
    const started = performance.now();
    const bomb = Buffer.concat(Array.from({ length: 5000 }, () => frame));
    const [line, problem] = lines(bomb);
    expect(line).toMatchObject({
      defect: 'unreadable',
      reason: expect.stringContaining('holds more than a segment may'),
    });
    expect(problem).toBeUndefined();
    const larger = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
    expect(reasons(larger)[0]).toContain('has a frame of 67108864 bytes');
    expect(process.memoryUsage.rss() - before).toBeLessThan(250 * 1024 * 1024);
    expect(performance.now() - started).toBeLessThan(30_000);
    // One that says that it holds less than it does.
    const liar = Buffer.from(frame);
    liar.writeUInt32LE(100, liar[4]! >> 6 === 2 ? 5 + ((liar[4]! & 0x20) === 0 ? 1 : 0) : 5);
    expect(reasons(liar)[0]).toMatch(/is damaged|holds/);
  });

  it('is cut off anywhere, or has any bit flipped, shows no line that was not there', { timeout: 60_000 }, () => {
    const directory = temporaryFolder();
    const { folder } = stream(directory, { records: 150 });
    const path = join(folder, '00000001.ndjson');
    const original = [...readRaw(folder)].filter(({ segment }) => segment === 1).map(({ text }) => text);
    compress(directory);
    const compressed = readFileSync(`${path}.zst`);
    const check = (content: Uint8Array) => {
      const found = lines(content);
      const texts = found.filter(({ defect }) => !defect).map(({ text }) => text);
      expect(texts).toEqual(original.slice(0, texts.length));
      expect(texts.length === original.length || found.at(-1)?.defect === 'unreadable' || texts.length === 0).toBe(
        true,
      );
    };
    for (let length = 0; length < compressed.length; length += 97) check(compressed.subarray(0, length));
    for (let bit = 0; bit < compressed.length * 8; bit += bit < 400 ? 1 : 331) {
      const changed = Buffer.from(compressed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      check(changed);
    }
  });

  it('is shorter than its index says while it is read: that is damage, no hang', () => {
    const directory = temporaryFolder();
    const { folder } = stream(directory);
    compress(directory);
    const path = join(folder, filesOf(folder)[0]!);
    truncateSync(path, statSync(path).size - 10);
    expect([...readRaw(folder)].filter(({ defect }) => defect)).toHaveLength(1);
    expect(dirname(path)).toBe(folder);
  });
});
