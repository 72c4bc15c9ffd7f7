import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compressionSteps } from '../src/compression.js';
import {
  Adoption,
  adoptable,
  cursorAfter,
  enforceLimits,
  JournalFormatError,
  JournalReadError,
  JournalWriteError,
  journalBytes,
  listStreams,
  liveness,
  loadCursor,
  readRaw,
  readTip,
  recoverStream,
  StreamReader,
  saveCursor,
} from '../src/index.js';
import { drain } from '../src/steps.js';
import { succeeds } from './child.js';
import { afterwards, openWriter, readAll, sampleLines, streamInfo, temporaryFolder } from './sample.js';

const GB = 1024 ** 3;

/** A journal with one good stream, and one that `spoil` is free to make anything of. */
function journal(spoil: (folder: string) => void): string {
  const directory = temporaryFolder();
  const good = openWriter(directory);
  for (const line of sampleLines(3)) good.append(line);
  good.close();
  const folder = join(directory, 'streams', 'spoilt');
  mkdirSync(folder);
  writeFileSync(join(folder, 'stream.json'), JSON.stringify(streamInfo('spoilt')));
  spoil(folder);
  return directory;
}

/** A clear error is an answer. */
function answer<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    for (const known of [JournalFormatError, JournalReadError, JournalWriteError]) {
      if (error instanceof known) return undefined;
    }
    throw error;
  }
}

/** Asks everything that can be asked of a journal. Returns the records that were read of the good stream. */
function askAll(directory: string): number {
  let good = 0;
  for (const entry of answer(() => listStreams(directory)) ?? []) {
    answer(() => liveness(entry.directory));
    const records = answer(() => {
      const reader = new StreamReader(entry.directory, { from: loadCursor(entry.directory) });
      try {
        return reader.read(Number.POSITIVE_INFINITY).length;
      } finally {
        reader.close();
      }
    });
    if (entry.streamId !== 'spoilt') good += records ?? 0;
    answer(() => {
      for (const _ of readRaw(entry.directory));
    });
    answer(() => readTip(entry.directory));
    answer(() => recoverStream(entry));
  }
  answer(() => journalBytes(directory));
  for (const entry of answer(() => adoptable(directory)) ?? []) answer(() => Adoption.take(entry)?.release());
  answer(() => drain(compressionSteps(directory, { leastBytes: 0 })));
  answer(() => enforceLimits(directory, { maxBytes: 64 * GB, minFreeBytes: 0 }));
  return good;
}

/** A file of any length that takes no room. */
function sparse(path: string, bytes: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
}

const PLACES = [
  'stream.json',
  'cursor.json',
  'recovered.json',
  'lock',
  'adopt.lock',
  'checkpoints.ndjson',
  'checkpoint-cursor.json',
  '00000001.ndjson',
  '00000002.ndjson.zst',
] as const;

describe('whatever stands in a journal', { timeout: 120_000 }, () => {
  it.each([
    ['nothing', (path: string) => writeFileSync(path, '')],
    ['zeros', (path: string) => writeFileSync(path, Buffer.alloc(100_000))],
    [
      'binary',
      (path: string) => writeFileSync(path, Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))),
    ],
    ['a line of 256 MB', (path: string) => sparse(path, GB / 4)],
    ['JSON of something else', (path: string) => writeFileSync(path, '{"formatVersion":1,"segment":{}}\n[1]\nnull\n')],
    [
      'numbers beyond all measure',
      (path: string) =>
        writeFileSync(path, '{"formatVersion":1e999,"segment":1e308,"offset":1e308,"number":1e308,"hash":"x"}'),
    ],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
    ['a link to nowhere', (path: string) => symlinkSync('/nowhere/at/all', path)],
    ['a link to a device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a pipe', (path: string) => succeeds('mkfifo', [path])],
  ])('%s in the place of any file, every reader has an answer, and the other streams are read', (_, put) => {
    for (const place of PLACES) {
      const directory = journal((folder) => {
        if (place !== '00000001.ndjson')
          writeFileSync(join(folder, '00000001.ndjson'), `${sampleLines(2).join('\n')}\n`);
        rmSync(join(folder, place), { force: true });
        put(join(folder, place));
      });
      const before = process.memoryUsage.rss();
      const started = performance.now();
      expect(askAll(directory), place).toBe(3);
      expect(process.memoryUsage.rss() - before, place).toBeLessThan(400 * 1024 * 1024);
      expect(performance.now() - started, place).toBeLessThan(60_000);
    }
  });

  it('in folders that lead back to themselves, every reader comes to an end', () => {
    const directory = journal((folder) => {
      symlinkSync(join(folder, '..'), join(folder, 'streams'));
      symlinkSync(folder, join(folder, '00000001.ndjson'));
      mkdirSync(join(folder, '00000002.ndjson'));
    });
    expect(askAll(directory)).toBe(3);
    const loop = temporaryFolder();
    symlinkSync(join(loop, 'streams'), join(loop, 'streams'));
    expect(() => listStreams(loop)).toThrow(/streams: cannot be read \(ELOOP\)$/);
    expect(askAll(loop)).toBe(0);
  });

  it('and any bytes, every reader has an answer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        fc.oneof(
          fc.uint8Array({ maxLength: 2000 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (place, bytes) => {
          const directory = journal((folder) => writeFileSync(join(folder, place), bytes));
          expect(askAll(directory)).toBe(3);
          rmSync(directory, { recursive: true, force: true });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a stream of a later version is left to who knows it, and each who asks is told to update', () => {
    const directory = journal((folder) => {
      writeFileSync(join(folder, '00000001.ndjson'), 'x'.repeat(100_000));
      writeFileSync(join(folder, 'stream.json'), '{"formatVersion":2}');
    });
    const folder = join(directory, 'streams', 'spoilt');
    for (const ask of [
      () => new StreamReader(folder),
      () => [...readRaw(folder)],
      () => recoverStream({ streamId: 'spoilt', directory: folder }),
    ]) {
      expect(ask).toThrow(/has format version 2; this version of @botaudit\/journal knows 1: update it/);
    }
    expect(askAll(directory)).toBe(3);
    expect(listStreams(directory).find(({ streamId }) => streamId === 'spoilt')?.segments).toEqual([1]);
  });
});

describe('a cursor past the end', () => {
  it('is none: reading starts over, whichever the segment', () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory, { segmentMaxBytes: 70_000 });
    for (const line of sampleLines(300)) writer.append(line);
    writer.close();
    const folder = writer.streamDirectory;
    const last = cursorAfter(readAll(folder).at(-1)!);
    drain(compressionSteps(directory, { leastBytes: 0 }));
    for (const cursor of [
      { ...last, offset: last.offset + 1 },
      { ...last, offset: Number.MAX_SAFE_INTEGER },
      { ...last, segment: last.segment + 1 },
      { ...last, segment: 1, offset: 2 ** 40 },
    ]) {
      saveCursor(folder, cursor);
      expect(loadCursor(folder)).toBeUndefined();
      const reader = new StreamReader(folder, { from: cursor });
      reader.read(Number.POSITIVE_INFINITY);
      reader.close();
    }
    saveCursor(folder, last);
    expect(loadCursor(folder)).toEqual(last);
  });
});

describe('clocks that are wrong', () => {
  it.each([
    ['1970', 0],
    ['2100', Date.UTC(2100, 0)],
  ])('at %s, records are written, read, and kept as long as they have to be', (_, time) => {
    vi.useFakeTimers({ toFake: ['Date'], now: time });
    afterwards(() => vi.useRealTimers());
    const directory = temporaryFolder();
    const writer = openWriter(directory, { segmentMaxBytes: 70_000 });
    const lines = sampleLines(300);
    for (const line of lines) writer.append(line);
    for (const segment of ['00000001.ndjson', '00000002.ndjson']) {
      utimesSync(join(writer.streamDirectory, segment), time / 1000, time / 1000);
    }
    writer.close();
    const limits = { maxBytes: GB, minFreeBytes: 0 };
    for (const now of [0, Date.UTC(2026, 10), Date.UTC(2100, 0)]) {
      // None of them is acknowledged, and there is room.
      expect(enforceLimits(directory, limits, { now, acknowledgedOnly: true }).removed).toEqual([]);
    }
    expect(adoptable(directory)).toHaveLength(1);
    drain(compressionSteps(directory, { leastBytes: 0 }));
    expect(readAll(writer.streamDirectory).map(({ line }) => line)).toEqual(lines);
  });
});
