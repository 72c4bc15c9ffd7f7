import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cursorAfter,
  enforceLimits,
  journalBytes,
  listSegments,
  listStreams,
  type RemovedSegments,
  saveCursor,
  segmentName,
} from '../src/index.js';
import { agedStream, BLOCK, shrinkBy } from './aged-stream.js';
import { openWriter, readAll, SampleChain, temporaryFolder } from './sample.js';

const brief = ({ removed }: { removed: readonly RemovedSegments[] }) =>
  removed.map(({ streamId, firstSegment, lastSegment }) => [streamId, firstSegment, lastSegment]);

describe('keeping the limits', () => {
  it('removes nothing while there is room', () => {
    const directory = temporaryFolder();
    agedStream(directory, [400, 300], { acknowledged: 0 });
    expect(shrinkBy(directory, 0)).toMatchObject({ removed: [], over: undefined, failed: [] });
  });

  it('takes the oldest first, over all streams, where nothing is acknowledged, and says exactly what', () => {
    const directory = temporaryFolder();
    const a = agedStream(directory, [9, 7, 3]);
    const b = agedStream(directory, [8, 6, 2]);
    const lines = readAll(a).map(({ line }) => line);
    const report = shrinkBy(directory, 3);
    expect(report.removed).toEqual([
      {
        streamId: basename(a),
        firstSegment: 1,
        lastSegment: 2,
        bytes: lines[0]!.length + lines[1]!.length + 2,
        firstNumber: 1,
        lastNumber: 2,
        lastHash: hash('sha256', lines[1]!),
        reason: 'max_bytes',
        acknowledged: false,
      },
      expect.objectContaining({ streamId: basename(b), firstSegment: 1, lastSegment: 1 }),
    ]);
    expect([listSegments(a), listSegments(b)]).toEqual([[3], [2, 3]]);
    expect(report.bytes).toBe(journalBytes(directory));
    expect(report.over).toBeUndefined();
  });

  it('takes acknowledged segments before older ones that are not', () => {
    const directory = temporaryFolder();
    const unacknowledged = agedStream(directory, [6, 5]);
    const acknowledged = agedStream(directory, [2, 1, 0], { acknowledged: 2 });
    expect(brief(shrinkBy(directory, 1))).toEqual([[basename(acknowledged), 1, 1]]);
    expect(brief(shrinkBy(directory, 2))).toEqual([
      [basename(acknowledged), 2, 2],
      [basename(unacknowledged), 1, 1],
    ]);
  });

  it('takes only acknowledged ones where records are shipped, and says that the limit is exceeded still', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [6, 5, 4], { acknowledged: 2 });
    const report = shrinkBy(directory, 3, { acknowledgedOnly: true });
    expect(brief(report)).toEqual([[basename(folder), 1, 2]]);
    expect(report.over).toBe('max_bytes');
    expect(listSegments(folder)).toEqual([3]);
  });

  it('keeps acknowledged segments for seven days, where there is room', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 7.1, 6.9, 1], { acknowledged: 4 });
    const report = shrinkBy(directory, 0, { acknowledgedOnly: true });
    expect(report.removed).toMatchObject([{ firstSegment: 1, lastSegment: 2, reason: 'age', acknowledged: true }]);
    expect(listSegments(folder)).toEqual([3, 4]);
  });

  it('does not take a cursor that does not fit for an acknowledgement', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [20, 10], { acknowledged: 2 });
    const file = join(folder, 'cursor.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"hash":"../, '"hash":"zz'));
    expect(shrinkBy(directory, 2, { acknowledgedOnly: true }).removed).toEqual([]);
  });

  it('never takes the segment that a living writer writes, nor one of a writer that may live', () => {
    const directory = temporaryFolder();
    const live = agedStream(directory, [9, 8], { live: true });
    const unknown = agedStream(directory, [7, 6]);
    const file = join(unknown, 'stream.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"locked":true', '"locked":false'));
    const report = shrinkBy(directory, 100);
    expect(brief(report)).toEqual([
      [basename(live), 1, 1],
      [basename(unknown), 1, 1],
    ]);
    expect([listSegments(live), listSegments(unknown)]).toEqual([[2], [2]]);
  });

  it('clears the folder of a stream with its last segment, unless it holds rejected records', () => {
    const directory = temporaryFolder();
    const gone = agedStream(directory, [9, 8], { acknowledged: 2 });
    const kept = agedStream(directory, [9, 8]);
    writeFileSync(join(gone, 'checkpoints.ndjson'), '{}\n');
    writeFileSync(join(gone, 'timestamps.ndjson'), '{}\n');
    writeFileSync(join(kept, 'rejected.ndjson'), '{}\n');
    expect(shrinkBy(directory, 100).removed).toHaveLength(2);
    expect(existsSync(gone)).toBe(false);
    expect(readdirSync(kept)).toContain('rejected.ndjson');
    expect(listSegments(kept)).toEqual([]);
  });

  it('removes a stream from its front, also where clocks say otherwise', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [2, 9, 5, 1]);
    shrinkBy(directory, 2);
    expect(listSegments(folder)).toEqual([3, 4]);
  });

  it('leaves streams of a newer format version alone', () => {
    const directory = temporaryFolder();
    const newer = agedStream(directory, [9, 8]);
    writeFileSync(join(newer, 'stream.json'), '{"formatVersion":2}');
    expect(shrinkBy(directory, 100)).toMatchObject({ removed: [], over: 'max_bytes' });
  });

  it('removes segments that hold no record as well', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 8, 7]);
    writeFileSync(join(folder, segmentName(1)), '\0'.repeat(5000));
    const [entry] = shrinkBy(directory, 100).removed;
    expect(entry).toMatchObject({ firstSegment: 1, lastSegment: 3, firstNumber: 2, lastNumber: 3 });
  });

  it('announces what goes before anything does, and removes nothing where that fails', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 8, 7]);
    const seen: unknown[] = [];
    const announce = (planned: readonly RemovedSegments[]) => {
      seen.push(...planned, listSegments(folder));
      throw new Error('disk full');
    };
    expect(() => shrinkBy(directory, 1, { announce })).toThrow('disk full');
    expect(seen).toEqual([expect.objectContaining({ firstNumber: 1, lastNumber: 1 }), [1, 2, 3]]);
    expect(listSegments(folder)).toEqual([1, 2, 3]);
  });

  it('keeps the floor even where the disk is nearly full, and no more', () => {
    const directory = temporaryFolder();
    agedStream(directory, [9, 8, 7, 6, 5, 4]);
    const bytes = journalBytes(directory);
    const limits = { maxBytes: 1024 ** 4, minFreeBytes: 1024 ** 5 };
    expect(enforceLimits(directory, limits).removed).toEqual([]);
    const report = enforceLimits(directory, { ...limits, floorBytes: bytes - 2 * BLOCK });
    expect(report.removed).toMatchObject([{ firstSegment: 1, lastSegment: 2, reason: 'min_free_bytes' }]);
    expect(report.allowedBytes).toBe(bytes - 2 * BLOCK);
  });

  it('makes room in reserve only when something has to go', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 8, 7, 6]);
    shrinkBy(directory, -3, { reserveBytes: 2 * BLOCK });
    expect(listSegments(folder)).toEqual([1, 2, 3, 4]);
    shrinkBy(directory, 1, { reserveBytes: BLOCK });
    expect(listSegments(folder)).toEqual([3, 4]);
  });

  it('finds nothing to do in a folder that is not there', () => {
    const directory = join(temporaryFolder(), 'none');
    expect(enforceLimits(directory, { maxBytes: 0, minFreeBytes: 0.1 })).toMatchObject({ removed: [], bytes: 0 });
    expect(journalBytes(directory)).toBe(0);
  });
});

describe('a writer within limits', () => {
  const tick = () => new Promise((resolve) => setImmediate(resolve));

  it('records what goes before it goes, on its own stream, and never exceeds the limit by more than a segment', async () => {
    const directory = temporaryFolder();
    const maxBytes = 2 * 1024 * 1024;
    const chain = new SampleChain();
    const events: string[] = [];
    const writer = openWriter(directory, {
      limits: { maxBytes, minFreeBytes: 0 },
      onRetention: (removed) => {
        for (const { firstSegment, lastNumber } of removed) {
          expect(existsSync(join(writer.streamDirectory, segmentName(firstSegment)))).toBe(true);
          writer.append(chain.next({ 'bot.removed_through': lastNumber! }));
          events.push(`${firstSegment}`);
        }
      },
    });
    for (let round = 0; round < 60; round++) {
      for (let count = 0; count < 100; count++) writer.append(chain.next());
      await tick();
      expect(journalBytes(directory)).toBeLessThan(maxBytes + 2 * 262_144);
    }
    expect(events.length).toBeGreaterThan(3);
    const left = readAll(writer.streamDirectory);
    // What is left goes on without a gap from what was said to be gone.
    const said = left.flatMap(({ line }) => JSON.parse(line).Attributes['bot.removed_through']?.intValue ?? []);
    expect(said.at(-1)).toBe(left[0]!.number - 1);
    expect(left.map(({ number }) => number)).toEqual(left.map((_, index) => left[0]!.number + index));
  });

  it('keeps them also when its thread never comes to rest, and tells afterwards', async () => {
    const directory = temporaryFolder();
    const maxBytes = 1024 * 1024;
    const removed: RemovedSegments[] = [];
    const onRetention = (segments: readonly RemovedSegments[]) => void removed.push(...segments);
    const writer = openWriter(directory, { limits: { maxBytes, minFreeBytes: 0 }, onRetention });
    const chain = new SampleChain();
    for (let count = 0; count < 6000; count++) writer.append(chain.next());
    expect(journalBytes(directory)).toBeLessThan(maxBytes + 3 * 131_072);
    expect(removed).toEqual([]);
    writer.flush();
    expect(removed.at(-1)?.lastNumber).toBe(readAll(writer.streamDirectory)[0]!.number - 1);
  });

  it('refuses with EDQUOT when nothing may go, and goes on when something may', async () => {
    const directory = temporaryFolder();
    const limits = { maxBytes: 1024 * 1024, minFreeBytes: 0 };
    const told: RemovedSegments[] = [];
    const chain = new SampleChain();
    const writer = openWriter(directory, {
      limits,
      retention: { acknowledgedOnly: true },
      onRetention: (removed) => {
        told.push(...removed);
        writer.append(chain.next());
      },
    });
    const append = () => {
      try {
        writer.append(line);
      } catch (error) {
        return (error as { code: string }).code;
      }
      line = chain.next();
      return 'written';
    };
    let line = chain.next();
    let written = 0;
    while (append() === 'written') {
      written++;
      await tick();
    }
    expect(append()).toBe('EDQUOT');
    expect(journalBytes(directory)).toBeLessThan(limits.maxBytes + 3 * 131_072);
    expect(readAll(writer.streamDirectory)).toHaveLength(written);

    saveCursor(writer.streamDirectory, cursorAfter(readAll(writer.streamDirectory)[written - 10]!));
    await expect.poll(append, { timeout: 30_000 }).toBe('written');
    expect(told).toMatchObject([{ firstNumber: 1, acknowledged: true, reason: 'max_bytes' }]);
  });

  it('looks at the folder soon after the start, for what other runs left', async () => {
    const directory = temporaryFolder();
    const old = agedStream(directory, [90, 80, 70], { acknowledged: 3 });
    openWriter(directory, { limits: { maxBytes: 1024 ** 3, minFreeBytes: 0 } });
    await expect.poll(() => listStreams(directory)).toHaveLength(1);
    expect(existsSync(old)).toBe(false);
  });

  it('counts small files as what they take on the disk', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [1]);
    const sizes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(journalBytes(directory)).toBeGreaterThan(sizes);
  });
});
