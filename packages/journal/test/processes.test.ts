import { hash } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createVerifier } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { compressionSteps } from '../src/compression.js';
import {
  Adoption,
  adoptable,
  cursorAfter,
  isAlive,
  listStreams,
  liveness,
  readRaw,
  recoverStream,
  StreamReader,
  saveCursor,
} from '../src/index.js';
import { drain } from '../src/steps.js';
import { Child, canUnshare, fixturePath, unshareOnly } from './child.js';
import { readAll, readLines, temporaryFolder } from './sample.js';

/** Adopts all that was left, and takes it over to its end. Returns the lines. */
function adoptAll(directory: string): string[] {
  const lines: string[] = [];
  for (const entry of adoptable(directory)) {
    const adoption = Adoption.take(entry);
    if (!adoption) continue;
    recoverStream(entry);
    const reader = new StreamReader(entry.directory);
    const read = reader.read(Number.POSITIVE_INFINITY);
    reader.close();
    lines.push(...read.map(({ line }) => line));
    if (read.length > 0) saveCursor(entry.directory, cursorAfter(read.at(-1)!));
    adoption.recovered({ streamId: 'adopter' });
    adoption.release();
  }
  return lines;
}

function errorsIn(directory: string): string[] {
  const verifier = createVerifier({ sha256: (text) => hash('sha256', text) });
  for (const { streamId, directory: folder } of listStreams(directory)) {
    for (const { text, terminated } of readRaw(folder)) {
      verifier.push({ stream: streamId, exclusive: true, line: text, terminated });
    }
    verifier.endOfStream(streamId);
  }
  const { findings } = verifier.finish();
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

describe('many processes in one folder', { timeout: 120_000 }, () => {
  it('are adopted one by one as they die, while the others go on and lose nothing', async () => {
    const directory = temporaryFolder();
    const children = Array.from({ length: 4 }, () => Child.node('write.mjs', [directory, '{"segmentMaxBytes":65536}']));
    await Promise.all(children.map((child) => child.printed(200)));
    for (const [index, child] of children.entries()) {
      await child.kill();
      const [folder = '', ...written] = child.lines;
      const living = children.slice(index + 1);
      expect(adoptable(directory).map((entry) => entry.directory)).toEqual([folder]);
      expect(adoptAll(directory).length - written.length).toBeOneOf([0, 1]);
      drain(compressionSteps(directory, {}));
      expect(adoptable(directory)).toEqual([]);
      for (const other of living) {
        expect(isAlive(other.lines[0]!)).toBe(true);
        await other.printed(other.lines.length + 100);
      }
    }
    for (const { lines } of children) {
      expect(readAll(lines[0]!).length - (lines.length - 1)).toBeOneOf([0, 1]);
    }
    expect(errorsIn(directory)).toEqual([]);
  });

  it('are left to their writer while it is stopped, and are whole when it wakes', async () => {
    const directory = temporaryFolder();
    const child = Child.node('write.mjs', [directory]);
    await child.printed(50);
    child.process.kill('SIGSTOP');
    const [folder = ''] = child.lines;
    const hoursAgo = Date.now() / 1000 - 3 * 60 * 60;
    utimesSync(join(folder, '00000001.ndjson'), hoursAgo, hoursAgo);
    expect(adoptAll(directory)).toEqual([]);
    drain(compressionSteps(directory, { leastBytes: 0 }));
    child.process.kill('SIGCONT');
    await child.printed(child.lines.length + 100);
    await child.kill();
    expect(adoptAll(directory)).toHaveLength(readLines(folder).length);
    expect(errorsIn(directory)).toEqual([]);
  });

  it('where nothing locks, a stopped one is adopted after an hour, wakes, and all that it writes is taken over too', async () => {
    const directory = temporaryFolder();
    const env = { ...process.env, NODE_OPTIONS: '--no-experimental-sqlite' };
    const child = Child.node('write.mjs', [directory], { env });
    await child.printed(50);
    child.process.kill('SIGSTOP');
    const [folder = ''] = child.lines;
    expect(liveness(folder)).toBe('unknown');
    expect(adoptAll(directory)).toEqual([]);
    const path = join(folder, '00000001.ndjson');
    const hoursAgo = Date.now() / 1000 - 3 * 60 * 60;
    utimesSync(path, hoursAgo, hoursAgo);
    const before = readFileSync(path);
    const first = adoptAll(directory);
    expect(first.length).toBeGreaterThanOrEqual(49);
    drain(compressionSteps(directory, { leastBytes: 0 }));
    // An adopter never writes into a stream.
    expect(readFileSync(path)).toEqual(before);

    child.process.kill('SIGCONT');
    await child.printed(child.lines.length + 100);
    await child.kill();
    expect(adoptable(directory)).toEqual([]);
    utimesSync(path, hoursAgo, hoursAgo);
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: true, unrecovered: false }]);
    const all = adoptAll(directory);
    expect(all.slice(0, first.length)).toEqual(first);
    expect(all.length - (child.lines.length - 1)).toBeOneOf([0, 1]);
    expect(errorsIn(directory)).toEqual([]);
  });

  it('where nothing locks, a time that is yet to come does not keep a stream from being adopted', async () => {
    const directory = temporaryFolder();
    const env = { ...process.env, NODE_OPTIONS: '--no-experimental-sqlite' };
    const child = Child.node('write.mjs', [directory, '{}', '20'], { env });
    await child.printed(21);
    await child.kill();
    const in2100 = Date.UTC(2100, 0) / 1000;
    utimesSync(join(child.lines[0]!, '00000001.ndjson'), in2100, in2100);
    expect(adoptAll(directory)).toHaveLength(20);
  });

  it('two who adopt all streams at once have each stream once', async () => {
    const directory = temporaryFolder();
    for (let count = 0; count < 6; count++) {
      const child = Child.node('write.mjs', [directory, '{}', '30']);
      await child.printed(31);
      await child.kill();
    }
    const adopters = [Child.node('adopt-all.mjs', [directory]), Child.node('adopt-all.mjs', [directory])];
    for (const adopter of adopters) expect(await adopter.end()).toBe(0);
    const adopted = adopters.flatMap(({ lines }) => lines);
    expect(adopted.sort()).toEqual(listStreams(directory).map(({ streamId }) => streamId));
    expect(adoptable(directory)).toEqual([]);
  });

  it.skipIf(!canUnshare)(
    `of containers that are all pid 1, one adopts another once it is gone${unshareOnly}`,
    async () => {
      const directory = temporaryFolder();
      const container = (fixture: string, ...args: string[]) =>
        new Child('unshare', [
          '--pid',
          '--fork',
          '--kill-child',
          process.execPath,
          fixturePath(fixture),
          directory,
          ...args,
        ]);
      const writer = container('write.mjs', '{}', '5');
      await writer.printed(6);
      const early = container('adopt.mjs');
      await early.printed(1);
      expect(early.lines).toEqual(['refused']);
      early.process.stdin!.end();
      await early.end();
      await writer.kill();
      await expect.poll(() => liveness(writer.lines[0]!), { timeout: 30_000 }).toBe('dead');
      const late = container('adopt.mjs');
      await late.printed(1);
      expect(late.lines).toEqual(['adopted']);
      expect(Adoption.take(listStreams(directory)[0]!)).toBeUndefined();
      await late.kill();
      await expect.poll(() => Adoption.take(listStreams(directory)[0]!)?.exclusive, { timeout: 30_000 }).toBe(true);
    },
  );
});
