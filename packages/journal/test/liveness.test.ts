import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Adoption, adoptable, isAlive, listStreams, liveness } from '../src/index.js';
import { Child, canUnshare, fixturePath, unshareOnly } from './child.js';
import { afterwards, openWriter, sampleLines, temporaryFolder } from './sample.js';

describe('whether a writer lives', () => {
  it('is true from the moment its stream can be found until it is closed', () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory);
    expect(listStreams(directory)).toHaveLength(1);
    expect(isAlive(writer.streamDirectory)).toBe(true);
    writer.close();
    expect(isAlive(writer.streamDirectory)).toBe(false);
  });

  it('is seen by other processes, while it is stopped too, and no longer once it is killed', async () => {
    const directory = temporaryFolder();
    const child = Child.node('write.mjs', [directory, '{}', '10']);
    await child.printed(11);
    const streamDirectory = child.lines[0]!;
    expect(liveness(streamDirectory)).toBe('alive');

    child.process.kill('SIGSTOP');
    expect(liveness(streamDirectory)).toBe('alive');
    expect(adoptable(directory)).toEqual([]);
    expect(Adoption.take(listStreams(directory)[0]!)).toBeUndefined();

    await child.kill();
    expect(liveness(streamDirectory)).toBe('dead');
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: true, unrecovered: true }]);
  });

  it('does not depend on the pid, which somebody else may have got', async () => {
    const directory = temporaryFolder();
    const child = Child.node('write.mjs', [directory, '{}', '1']);
    await child.printed(2);
    await child.kill();
    const file = join(child.lines[0]!, 'stream.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid: process.pid }));
    expect(liveness(child.lines[0]!)).toBe('dead');
  });

  it.skipIf(!canUnshare)(`is told apart for containers that are all pid 1 on one volume${unshareOnly}`, async () => {
    const directory = temporaryFolder();
    const container = () =>
      new Child('unshare', [
        '--pid',
        '--fork',
        '--kill-child',
        process.execPath,
        fixturePath('write.mjs'),
        directory,
        '{}',
        '5',
      ]);
    const [first, second] = [container(), container()];
    await Promise.all([first.printed(6), second.printed(6)]);
    const pids = listStreams(directory).map(({ info }) => info?.pid);
    expect(pids).toEqual([1, 1]);

    await first.kill();
    await expect.poll(() => liveness(first.lines[0]!)).toBe('dead');
    expect(liveness(second.lines[0]!)).toBe('alive');
    expect(adoptable(directory).map((stream) => stream.directory)).toEqual([first.lines[0]]);
    await second.kill();
  });

  it('is told apart for the threads of one process, and ends with a thread that is terminated', {
    timeout: 90_000,
  }, async () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory);
    const worker = new Worker(fixturePath('write.mjs'), { argv: [directory, '{}', '0'], stdout: true, stdin: true });
    afterwards(() => void worker.terminate());
    const other = () => listStreams(directory).find((stream) => stream.directory !== writer.streamDirectory);
    await expect.poll(() => other() && isAlive(other()!.directory), { timeout: 60_000 }).toBe(true);
    expect(isAlive(writer.streamDirectory)).toBe(true);

    worker.terminate();
    await once(worker, 'exit');
    expect(isAlive(other()!.directory)).toBe(false);
    // Closing its lock did not drop ours.
    expect(isAlive(writer.streamDirectory)).toBe(true);
  });

  it('is true of a writer that nobody remembers: it may be garbage, its process is not', async () => {
    const child = new Child(process.execPath, ['--expose-gc', fixturePath('forget.mjs'), temporaryFolder()]);
    await child.printed(1);
    expect(liveness(child.lines[0]!)).toBe('alive');
    await child.kill();
    expect(liveness(child.lines[0]!)).toBe('dead');
  });

  it('can be asked by any number at once, and leaves no trace', () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory);
    writer.append(sampleLines(1)[0]!);
    for (let ask = 0; ask < 50; ask++) expect(isAlive(writer.streamDirectory)).toBe(true);
    expect(readdirSync(writer.streamDirectory).sort()).toEqual(['00000001.ndjson', 'lock', 'stream.json']);
    expect(statSync(join(writer.streamDirectory, 'lock')).size).toBe(0);
  });

  it('is false for a copy, which has no lock, and where the lock is garbage that nobody holds', () => {
    const writer = openWriter(temporaryFolder());
    writer.close();
    writeFileSync(join(writer.streamDirectory, 'lock'), 'garbage '.repeat(100));
    expect(liveness(writer.streamDirectory)).toBe('dead');
    rmSync(join(writer.streamDirectory, 'lock'));
    expect(liveness(writer.streamDirectory)).toBe('dead');
  });

  it('is unknown where the writer could not lock; its stream is left alone until nothing was written for an hour', () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory);
    writer.append(sampleLines(1)[0]!);
    writer.close();
    const file = join(writer.streamDirectory, 'stream.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), locked: false }));
    expect(liveness(writer.streamDirectory)).toBe('unknown');
    expect(isAlive(writer.streamDirectory)).toBe(true);
    expect(adoptable(directory)).toEqual([]);
  });
});
