import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { JournalWriteError, JournalWriter, type Loss, MAX_LINE_BYTES, MemoryRing } from '../src/index.js';
import { Child } from './child.js';
import { afterwards, openWriter, readLines, sampleLines, streamInfo, temporaryFolder } from './sample.js';

const segmentsOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.ndjson'));

describe('a writer', () => {
  it('has written a line when append returns, as it is, with a newline', () => {
    const writer = openWriter(temporaryFolder());
    const lines = sampleLines(3, { 'bot.name': 'Zoë 🤖' });
    for (const [index, line] of lines.entries()) {
      writer.append(line);
      const written = readFileSync(join(writer.streamDirectory, '00000001.ndjson'), 'utf8');
      expect(written).toBe(`${lines.slice(0, index + 1).join('\n')}\n`);
    }
    expect(writer.bytes).toBe(statSync(join(writer.streamDirectory, '00000001.ndjson')).size);
  });

  it('writes long lines whole, up to 1 MiB, and refuses longer ones without harm', () => {
    const writer = openWriter(temporaryFolder());
    const long = ['é'.repeat(20_000), 'x'.repeat(70_000), '€'.repeat(MAX_LINE_BYTES / 3), 'y'.repeat(MAX_LINE_BYTES)];
    for (const line of long) writer.append(line);
    expect(() => writer.append('z'.repeat(MAX_LINE_BYTES + 1))).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
    writer.append('short');
    const segments = segmentsOf(writer.streamDirectory).map((name) => join(writer.streamDirectory, name));
    const written = segments.map((path) => readFileSync(path, 'utf8')).join('');
    expect(written).toBe(`${[...long, 'short'].join('\n')}\n`);
  });

  it('describes its stream and says that it holds the lock', () => {
    const streamId = randomUUID();
    const writer = openWriter(temporaryFolder(), { streamId });
    expect(JSON.parse(readFileSync(join(writer.streamDirectory, 'stream.json'), 'utf8'))).toEqual({
      ...streamInfo(streamId),
      locked: true,
    });
    expect(writer).toMatchObject({ locked: true, problem: undefined });
  });

  it('refuses a stream id that was used before', () => {
    const directory = temporaryFolder();
    const streamId = randomUUID();
    openWriter(directory, { streamId }).close();
    expect(() => openWriter(directory, { streamId })).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });

  it('takes nothing after close, and closes twice without harm', () => {
    const writer = openWriter(temporaryFolder());
    writer.append('a');
    writer.close();
    writer.close();
    expect(() => writer.append('b')).toThrow(JournalWriteError);
  });

  it('opens a new segment when one is full, so that none is longer than asked', () => {
    const writer = openWriter(temporaryFolder(), { segmentMaxBytes: 2000 });
    const lines = sampleLines(20);
    for (const line of lines) writer.append(line);
    const segments = segmentsOf(writer.streamDirectory);
    expect(segments.length).toBeGreaterThan(5);
    expect(segments.slice(0, 2)).toEqual(['00000001.ndjson', '00000002.ndjson']);
    for (const name of segments) expect(statSync(join(writer.streamDirectory, name)).size).toBeLessThanOrEqual(2000);
    expect(readLines(writer.streamDirectory)).toEqual(lines);
  });

  it('opens a new segment when one is old, whatever the clock says', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    afterwards(() => vi.useRealTimers());
    const writer = openWriter(temporaryFolder(), { segmentMaxAgeMs: 60_000 });
    const lines = sampleLines(4);
    writer.append(lines[0]!);
    vi.setSystemTime(0);
    vi.advanceTimersByTime(59_000);
    writer.append(lines[1]!);
    expect(segmentsOf(writer.streamDirectory)).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    writer.append(lines[2]!);
    writer.append(lines[3]!);
    expect(segmentsOf(writer.streamDirectory)).toHaveLength(2);
    expect(readLines(writer.streamDirectory)).toEqual(lines);
  });

  it('passes over a segment that is there already and is not its own', () => {
    const writer = openWriter(temporaryFolder());
    writeFileSync(join(writer.streamDirectory, '00000001.ndjson'), 'somebody else');
    writer.append('mine');
    expect(readFileSync(join(writer.streamDirectory, '00000001.ndjson'), 'utf8')).toBe('somebody else');
    expect(readFileSync(join(writer.streamDirectory, '00000002.ndjson'), 'utf8')).toBe('mine\n');
  });

  it('goes on in a new folder when its own is removed, and says how many lines went with it', async () => {
    const directory = join(temporaryFolder(), 'journal');
    const losses: Loss[] = [];
    const limits = { maxBytes: 1024 * 1024, minFreeBytes: 0 };
    const writer = openWriter(directory, { limits, onLoss: (loss) => losses.push(loss) });
    const [line = ''] = sampleLines(1);
    for (let count = 0; count < 3; count++) writer.append(line);
    rmSync(directory, { recursive: true });
    // Looked after every sixteenth of the limit.
    while (!existsSync(writer.streamDirectory)) writer.append(line);
    expect(segmentsOf(writer.streamDirectory)).toEqual(['00000002.ndjson']);
    expect(writer.locked).toBe(true);
    await expect.poll(() => losses).toHaveLength(1);
    expect(losses[0]).toEqual({ code: 'ENOENT', lines: expect.any(Number) });
    expect(losses[0]!.lines).toBeGreaterThanOrEqual(3);
    expect(readFileSync(join(writer.streamDirectory, 'stream.json'), 'utf8')).toContain('"locked":true');
  });

  it('says at a flush how many lines went with a folder that was removed, however few appends there were', async () => {
    const directory = join(temporaryFolder(), 'journal');
    const losses: Loss[] = [];
    const writer = openWriter(directory, { onLoss: (loss) => losses.push(loss) });
    writer.append('one');
    writer.append('two');
    rmSync(directory, { recursive: true });
    writer.flush();
    expect(losses).toEqual([{ code: 'ENOENT', lines: 2 }]);
    writer.append('three');
    expect(readFileSync(join(writer.streamDirectory, '00000002.ndjson'), 'utf8')).toBe('three\n');
  });

  it('completes a line that was written in part, in a new segment, where a file may grow no further', async () => {
    const script = `ulimit -f 40; exec "$0" "$@"`;
    const { execPath } = process;
    const fixture = join(import.meta.dirname, 'fixtures', 'write.mjs');
    const child = new Child('bash', ['-c', script, execPath, fixture, temporaryFolder(), '{}', '200']);
    await child.printed(201);
    const [streamDirectory = ''] = child.lines;
    await child.kill();
    const segments = segmentsOf(streamDirectory);
    expect(segments.length).toBeGreaterThan(3);
    // It really was cut: what is left of a line stands at the end, and the whole line in the next segment.
    const first = readFileSync(join(streamDirectory, segments[0]!), 'utf8');
    expect(first.endsWith('\n')).toBe(false);
    expect(
      readLines(streamDirectory).map((line) => JSON.parse(line).Attributes['audit.sequence.number'].intValue),
    ).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });
});

describe('a folder that cannot be written at first', () => {
  it('stops nothing: each append tries again, and works when it can', () => {
    const parent = temporaryFolder();
    const directory = join(parent, 'journal');
    writeFileSync(directory, 'a file where a folder should be');
    const writer = openWriter(directory);
    expect(writer.problem).toMatchObject({ code: 'ENOTDIR' });
    expect(() => writer.append('a')).toThrow(JournalWriteError);
    renameSync(directory, `${directory}.old`);
    writer.append('b');
    expect(readFileSync(join(writer.streamDirectory, '00000001.ndjson'), 'utf8')).toBe('b\n');
    expect(writer.locked).toBe(true);
  });
});

describe('rights', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
  const rightsAfter = (groupRead: boolean, parent = temporaryFolder()) => {
    const previous = process.umask(groupRead ? 0o077 : 0);
    try {
      const writer = openWriter(join(parent, 'journal'), { groupRead });
      writer.append('a');
      const files = ['lock', 'stream.json', '00000001.ndjson'];
      return [
        modeOf(join(parent, 'journal', 'streams')),
        modeOf(writer.streamDirectory),
        ...files.map((name) => modeOf(join(writer.streamDirectory, name))),
      ];
    } finally {
      process.umask(previous);
    }
  };

  it('are the owner’s alone, whatever the umask', () => {
    expect(rightsAfter(false)).toEqual(['700', '700', '600', '600', '600']);
  });

  it('let the group read where that is asked for, whatever the umask, and hand the group of a volume down', () => {
    expect(rightsAfter(true)).toEqual(['750', '750', '640', '640', '640']);
    const volume = temporaryFolder();
    mkdirSync(join(volume, 'shared'));
    chmodSync(join(volume, 'shared'), 0o2770);
    expect(rightsAfter(true, join(volume, 'shared')).slice(0, 2)).toEqual(['2750', '2750']);
  });

  it('let the group add to a stream’s folder, and take nothing from it, where the journal’s is the group’s to write', () => {
    const rightsWithin = (mode: number, groupRead: boolean) => {
      const parent = temporaryFolder();
      mkdirSync(join(parent, 'journal'));
      chmodSync(join(parent, 'journal'), mode);
      return rightsAfter(groupRead, parent);
    };
    expect(rightsWithin(0o2770, true)).toEqual(['2750', '3770', '640', '640', '640']);
    expect(rightsWithin(0o770, true)).toEqual(['750', '1770', '640', '640', '640']);
    expect(rightsWithin(0o770, false)).toEqual(['700', '700', '600', '600', '600']);
  });
});

describe('a writer in memory', () => {
  it('keeps the newest records that fit and counts those that went', () => {
    const ring = new MemoryRing(4000);
    const writer = JournalWriter.inMemory(ring);
    const lines = sampleLines(50);
    for (const line of lines) writer.append(line);
    const kept = ring.read(100);
    expect(kept.map(({ line }) => line)).toEqual(lines.slice(-kept.length));
    expect(ring.dropped).toBe(50 - kept.length);
    expect(writer).toMatchObject({ streamDirectory: undefined, locked: false });
    expect(writer.bytes).toBe(lines.reduce((sum, line) => sum + line.length + 1, 0));
  });

  it('hands out records until they are released, by number and by size', () => {
    const ring = new MemoryRing();
    const lines = sampleLines(3000);
    for (const line of lines) ring.append(line);
    expect(ring.read(2).map(({ number }) => number)).toEqual([1, 2]);
    expect(ring.read(10, lines[0]!.length * 3 + 10)).toHaveLength(2);
    ring.release(ring.read(2500).at(-1)!);
    expect(ring.read(1)[0]!.number).toBe(2501);
    expect(ring.length).toBe(500);
    expect(ring.dropped).toBe(0);
  });

  it('refuses a line that can never fit', () => {
    expect(() => new MemoryRing(100).append('x'.repeat(200))).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
  });
});
