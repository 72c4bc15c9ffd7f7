import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVerifier } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { chooseDirectory, enforceLimits, JournalWriteError, type RemovedSegments, readRaw } from '../src/index.js';
import { canMount, isRoot, mountOnly, succeeds } from './child.js';
import { afterwards, openWriter, readLines, SampleChain, temporaryFolder } from './sample.js';

/** Mounts a disk of 1 MiB; `undefined` where that is not allowed. */
function smallDisk(options = 'size=1m'): string | undefined {
  const folder = temporaryFolder();
  if (!isRoot || !succeeds('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])) return undefined;
  afterwards(() => succeeds('umount', ['-l', folder]));
  return folder;
}

/** Makes records, the same one again until it was appended. */
class Records {
  readonly appended: string[] = [];
  readonly codes = new Set<string>();
  readonly #chain = new SampleChain('d0000000-0000-4000-8000-000000000000');
  #line = this.#chain.next();

  append(writer: { append(line: string): void }): boolean {
    try {
      writer.append(this.#line);
    } catch (error) {
      if (!(error instanceof JournalWriteError)) throw error;
      this.codes.add(error.code);
      return false;
    }
    this.appended.push(this.#line);
    this.#line = this.#chain.next();
    return true;
  }
}

const UNLIMITED = { maxBytes: 1024 ** 3, minFreeBytes: 0 };

describe.skipIf(!canMount)(`a disk that is full${mountOnly}`, () => {
  it('refuses with ENOSPC, loses nothing that was appended, and is written again when there is room', () => {
    const disk = smallDisk()!;
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(400_000));
    const writer = openWriter(disk, {
      limits: UNLIMITED,
      retention: { acknowledgedOnly: true },
      segmentMaxBytes: 70_000,
    });
    const records = new Records();
    while (records.append(writer));
    for (let attempt = 0; attempt < 50; attempt++) expect(records.append(writer)).toBe(false);
    expect([...records.codes]).toEqual(['ENOSPC']);
    const before = records.appended.length;
    expect(before).toBeGreaterThan(100);
    expect(readLines(writer.streamDirectory)).toEqual(records.appended);
    // Trying again in vain leaves no litter.
    expect(readdirSync(writer.streamDirectory).length).toBeLessThan(20);

    rmSync(join(disk, 'ballast'));
    for (let more = 0; more < 100; more++) expect(records.append(writer)).toBe(true);
    expect(readLines(writer.streamDirectory)).toEqual(records.appended);
  });

  it('shows no break when it is verified, only what was torn', () => {
    const disk = smallDisk()!;
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(500_000));
    const writer = openWriter(disk, { limits: UNLIMITED, retention: { acknowledgedOnly: true } });
    const records = new Records();
    while (records.append(writer));
    rmSync(join(disk, 'ballast'));
    records.append(writer);
    const verifier = createVerifier({ sha256: (text) => hash('sha256', text) });
    for (const { text, terminated } of readRaw(writer.streamDirectory)) {
      verifier.push({ stream: 'd0000000-0000-4000-8000-000000000000', line: text!, terminated });
    }
    const report = verifier.finish();
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report).toMatchObject({ intact: true, records: records.appended.length });
  });

  it('is relieved by removing the oldest, and what went is said', () => {
    const disk = smallDisk()!;
    const writer = openWriter(disk, { limits: UNLIMITED, segmentMaxBytes: 70_000 });
    const records = new Records();
    while (records.append(writer));
    expect([...records.codes]).toEqual(['ENOSPC']);
    writer.close();

    const limits = { maxBytes: 1024 ** 3, minFreeBytes: 0.3, floorBytes: 0 };
    const report = enforceLimits(disk, limits);
    expect(report.removed[0]).toMatchObject({ reason: 'min_free_bytes', firstSegment: 1, firstNumber: 1 });
    expect(report.freeBytes).toBeGreaterThanOrEqual(0.3 * 1024 * 1024);
    expect(report.over).toBeUndefined();
  });

  it('never fills a disk beyond what is to stay free, as long as the oldest may go', async () => {
    const disk = smallDisk()!;
    const removed: RemovedSegments[] = [];
    const limits = { maxBytes: 1024 * 1024, minFreeBytes: 0.4, floorBytes: 0 };
    const onRetention = (segments: readonly RemovedSegments[]) => void removed.push(...segments);
    const writer = openWriter(disk, { limits, segmentMaxBytes: 70_000, onRetention });
    const records = new Records();
    for (let tick = 0; tick < 100; tick++) {
      for (let count = 0; count < 50; count++) expect(records.append(writer)).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(removed.length).toBeGreaterThan(3);
    const left = readLines(writer.streamDirectory);
    expect(records.appended.slice(-left.length)).toEqual(left);
    expect(removed.at(-1)!.lastNumber).toBe(records.appended.length - left.length);
  });

  it('that somebody else fills between two records costs none, as long as the oldest may go', async () => {
    const disk = smallDisk()!;
    const removed: RemovedSegments[] = [];
    const limits = { maxBytes: 1024 * 1024, minFreeBytes: 0.1, floorBytes: 0 };
    const onRetention = (segments: readonly RemovedSegments[]) => void removed.push(...segments);
    const writer = openWriter(disk, { limits, segmentMaxBytes: 70_000, onRetention });
    const records = new Records();
    while (records.appended.length < 500) records.append(writer);
    expect(removed).toEqual([]);
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=4k'], { stdio: 'ignore' });
    for (let more = 0; more < 50; more++) expect(records.append(writer)).toBe(true);
    await expect.poll(() => removed).not.toEqual([]);
    const left = readLines(writer.streamDirectory);
    expect(records.appended.slice(-left.length)).toEqual(left);
  });

  it('is chosen all the same: the folder is right, and there may be room later', () => {
    const disk = smallDisk()!;
    const fill = spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=64k'], { stdio: 'ignore' });
    expect(fill.status).not.toBe(0);
    const choice = chooseDirectory({ env: { BOTAUDIT_DIR: disk }, cwd: '/' });
    expect(choice).toEqual({ path: disk, kind: 'configured', problem: undefined });
  });

  it('loses nothing with durability memory: what waits is written when there is room', async () => {
    const disk = smallDisk()!;
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(600_000));
    const writer = openWriter(disk, { limits: UNLIMITED, retention: { acknowledgedOnly: true }, durability: 'memory' });
    const records = new Records();
    for (let tick = 0; tick < 40; tick++) {
      for (let count = 0; count < 25; count++) expect(records.append(writer)).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(() => writer.flush()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(() => writer.flush()).toThrow(JournalWriteError);
    expect(readLines(writer.streamDirectory).length).toBeLessThan(1000);
    rmSync(join(disk, 'ballast'));
    writer.flush();
    expect(readLines(writer.streamDirectory)).toEqual(records.appended);
  });
});

describe.skipIf(!canMount)(`a disk that is mounted read-only${mountOnly}`, () => {
  it('is passed over, also for root, and the next folder is taken', () => {
    const disk = smallDisk()!;
    expect(succeeds('mount', ['-o', 'remount,ro', disk])).toBe(true);
    const elsewhere = temporaryFolder();
    const choice = chooseDirectory({ env: { BOTAUDIT_DIR: disk }, cwd: elsewhere });
    expect(choice).toEqual({
      path: join(elsewhere, '.botaudit'),
      kind: 'working-folder',
      problem: `${disk} cannot be written (EROFS)`,
    });
    const writer = openWriter(disk);
    expect(writer.problem).toMatchObject({ code: 'EROFS' });
    expect(() => writer.append('a')).toThrow(expect.objectContaining({ code: 'EROFS' }));
    succeeds('mount', ['-o', 'remount,rw', disk]);
    writer.append('b');
  });
});
