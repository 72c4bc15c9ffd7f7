import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
// The package as it is published: the thread that syncs is a file of its own.
import { JournalWriter, type JournalWriterOptions, type Loss } from '@botaudit/journal';
import { describe, expect, it } from 'vitest';
import { Child, fixturePath } from './child.js';
import { canMakeDisks, ImageDisk } from './image-disk.js';
import { afterwards, readLines, sampleLines, streamInfo, temporaryFolder } from './sample.js';

const reason = canMakeDisks ? '' : ' (skipped: mounting a disk takes root)';
const DEADLINE = { timeout: 60_000 };

type Writer = JournalWriter & { readonly streamDirectory: string };

function openWriter(directory: string, options: Partial<JournalWriterOptions> = {}): Writer {
  const streamId = crypto.randomUUID();
  const writer = JournalWriter.open({
    directory,
    streamId,
    info: streamInfo(streamId),
    limits: { maxBytes: 1024 ** 4, minFreeBytes: 0 },
    durability: 'power',
    ...options,
  });
  afterwards(() => writer.close());
  return writer as Writer;
}

/** What a reader finds of a stream after power was lost; nothing where not even its folder is there. */
function linesAfterPowerLoss(disk: ImageDisk, { streamDirectory }: Writer): string[] {
  return readLines(join(disk.afterPowerLoss(), 'journal', 'streams', basename(streamDirectory)));
}

const segmentsOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.ndjson'));

describe('durability power', { timeout: 120_000 }, () => {
  it('writes before append returns, as it is, over segments, and closes twice without harm', () => {
    const writer = openWriter(temporaryFolder(), { segmentMaxBytes: 5000 });
    const lines = sampleLines(300);
    for (const [index, line] of lines.entries()) {
      writer.append(line, { sync: index % 10 === 0 });
      if (index % 50 === 0) expect(readLines(writer.streamDirectory)).toEqual(lines.slice(0, index + 1));
    }
    writer.close();
    writer.close();
    expect(readLines(writer.streamDirectory)).toEqual(lines);
    expect(segmentsOf(writer.streamDirectory).length).toBeGreaterThan(10);
    expect(() => writer.append('late')).toThrow(expect.objectContaining({ code: 'ECLOSED', written: false }));
  });

  it('keeps no process alive, and lets it end at once', async () => {
    const child = Child.node('write.mjs', [temporaryFolder(), '{"durability":"power","syncIntervalMs":60000}', '500']);
    await child.printed(501);
    child.process.stdin!.end();
    expect(await child.end()).toBe(0);
    expect(child.stderr).toBe('');
    expect(readLines(child.lines[0]!)).toHaveLength(500);
  });

  it('leaves the standard output of the process as it is: who writes more than is read waits, and has no error', async () => {
    const script = '"$0" "$@" </dev/null | { sleep 0.5; wc -l; }';
    const args = [fixturePath('write.mjs'), temporaryFolder(), '{"durability":"power"}', '20000'];
    const child = new Child('bash', ['-c', script, process.execPath, ...args]);
    await child.end();
    expect([child.stderr, ...child.lines]).toEqual(['', '20001']);
  });

  describe.skipIf(!canMakeDisks)(`when power is lost${reason}`, () => {
    it('has kept a line that was appended with sync, and all before it, with the folders that lead there', () => {
      const disk = ImageDisk.mount()!;
      // So long that nothing is synced but what is asked for.
      const writer = openWriter(join(disk.path, 'journal'), { syncIntervalMs: 3_600_000, segmentMaxBytes: 100_000 });
      const lines = sampleLines(400, { 'bot.text': 'x'.repeat(500) });
      for (const [index, line] of lines.entries()) {
        const sync = index === 150 || index === 399;
        writer.append(line, { sync });
        if (sync) expect(linesAfterPowerLoss(disk, writer)).toEqual(lines.slice(0, index + 1));
      }
      expect(segmentsOf(writer.streamDirectory).length).toBeGreaterThan(1);
    });

    it('has kept what was synced in the background, soon after it was appended', async () => {
      const disk = ImageDisk.mount()!;
      const writer = openWriter(join(disk.path, 'journal'));
      const lines = sampleLines(200);
      for (const part of [lines.slice(0, 3), lines.slice(3)]) {
        for (const line of part) writer.append(line);
        const written = readLines(writer.streamDirectory);
        await expect.poll(() => linesAfterPowerLoss(disk, writer), DEADLINE).toEqual(written);
      }
    });

    it('has kept everything of a stream that was closed', () => {
      const disk = ImageDisk.mount()!;
      const writer = openWriter(join(disk.path, 'journal'), { syncIntervalMs: 3_600_000 });
      const lines = sampleLines(50);
      for (const line of lines) writer.append(line);
      writer.close();
      expect(linesAfterPowerLoss(disk, writer)).toEqual(lines);
    });

    it('has lost lines that were written with durability process: the test can tell', () => {
      const disk = ImageDisk.mount()!;
      const writer = openWriter(join(disk.path, 'journal'), { durability: 'process' });
      for (const line of sampleLines(50)) writer.append(line, { sync: true });
      expect(readLines(writer.streamDirectory)).toHaveLength(50);
      expect(linesAfterPowerLoss(disk, writer)).toEqual([]);
    });
  });

  describe.skipIf(!canMakeDisks)(`on a disk that takes writes and then fails to keep them${reason}`, () => {
    const small = 4 * 1024 * 1024;
    const [line = ''] = sampleLines(1, { 'bot.text': 'x'.repeat(10_000) });

    it('says how many lines are in doubt, leaves the segment, and goes on in a new one', async () => {
      const disk = ImageDisk.mount(small)!;
      const unsynced: Loss[] = [];
      const writer = openWriter(join(disk.path, 'journal'), {
        onUnsynced: (lines) => unsynced.push(lines),
        segmentMaxBytes: 64 * 1024 * 1024,
      });
      let written = 0;
      await expect
        .poll(() => {
          // Some megabytes more than it takes, and a line now and then, for a sync to fail on.
          for (let count = 0; count < 100 && written < 1000; count++, written++) writer.append(line);
          if (written >= 1000) writer.append(line);
          return unsynced.length;
        }, DEADLINE)
        .toBeGreaterThan(0);
      expect(unsynced[0]).toEqual({ lines: expect.any(Number), code: expect.stringMatching(/^(ENOSPC|EIO)$/) });
      expect(unsynced[0]!.lines).toBeGreaterThan(0);
      writer.append(line);
      expect(segmentsOf(writer.streamDirectory).length).toBeGreaterThan(1);
    });

    it('tells of a line that was to be synced that it is written, and not safe', () => {
      const disk = ImageDisk.mount(small)!;
      const unsynced: Loss[] = [];
      const writer = openWriter(join(disk.path, 'journal'), {
        onUnsynced: (lines) => unsynced.push(lines),
        syncIntervalMs: 3_600_000,
      });
      for (let count = 0; count < 1000; count++) writer.append(line);
      const error = expect.objectContaining({ name: 'JournalWriteError', written: true });
      expect(() => writer.append(line, { sync: true })).toThrow(error);
      writer.append(line);
      writer.flush();
      // Those that a sync in the background has caught before are in the first report, the line itself in the last.
      expect(unsynced.reduce((sum, { lines }) => sum + lines, 0)).toBeGreaterThan(500);
      expect(readLines(writer.streamDirectory)).toHaveLength(1002);
    });
  });
});
