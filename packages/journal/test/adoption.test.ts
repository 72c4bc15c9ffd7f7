import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Adoption, adoptable, cursorAfter, listStreams, loadCursor, recoverStream, saveCursor } from '../src/index.js';
import { Child } from './child.js';
import { openWriter, readAll, SampleChain, sampleLines, temporaryFolder } from './sample.js';

/** A stream whose writer is gone, without having closed it. */
function leftStream(directory: string, lines = sampleLines(3)): string {
  const writer = openWriter(directory);
  for (const line of lines) writer.append(line);
  writer.close();
  return writer.streamDirectory;
}

function acknowledgeAll(streamDirectory: string): void {
  saveCursor(streamDirectory, cursorAfter(readAll(streamDirectory).at(-1)!));
}

describe('streams to adopt', () => {
  it('are those whose writer is gone and which are not acknowledged to their end', () => {
    const directory = temporaryFolder();
    openWriter(directory).append(sampleLines(1)[0]!);
    const left = leftStream(directory);
    expect(adoptable(directory)).toMatchObject([{ directory: left, unacknowledged: true, unrecovered: true }]);
    acknowledgeAll(left);
    expect(adoptable(directory)).toMatchObject([{ directory: left, unacknowledged: false, unrecovered: true }]);
  });

  it('are no longer those that were acknowledged and reported as recovered', () => {
    const directory = temporaryFolder();
    const left = leftStream(directory);
    acknowledgeAll(left);
    const adoption = Adoption.take(adoptable(directory)[0]!);
    adoption?.recovered({ streamId: 'adopter', number: 7 });
    adoption?.release();
    expect(adoptable(directory)).toEqual([]);
  });

  it('need no recovery when they were closed', () => {
    const directory = temporaryFolder();
    const chain = new SampleChain();
    const left = leftStream(directory, [chain.next(), chain.next({ 'audit.sequence.end': true })]);
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: true, unrecovered: false }]);
    acknowledgeAll(left);
    expect(adoptable(directory)).toEqual([]);
  });

  it('without a lock are those that were closed, or to which nothing was written for an hour', () => {
    const directory = temporaryFolder();
    const left = leftStream(directory);
    const file = join(left, 'stream.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), locked: false }));
    expect(adoptable(directory)).toEqual([]);
    const hoursAgo = Date.now() / 1000 - 2 * 60 * 60;
    utimesSync(join(left, '00000001.ndjson'), hoursAgo, hoursAgo);
    const [stream] = adoptable(directory);
    expect(stream?.directory).toBe(left);
    expect(Adoption.take(stream!)).toMatchObject({ exclusive: false });
  });

  it('are never those of a newer format version, and never stop at one that is garbage', () => {
    const directory = temporaryFolder();
    const newer = leftStream(directory);
    writeFileSync(join(newer, 'stream.json'), '{"formatVersion":2}');
    const garbage = leftStream(directory);
    writeFileSync(join(garbage, 'stream.json'), '\0\0');
    mkdirSync(join(directory, 'streams', 'empty'));
    const passedOver = new Map<string, Error>();
    const streams = adoptable(directory, (streamId, problem) => passedOver.set(streamId, problem));
    expect(streams.map((stream) => stream.directory)).toEqual([garbage]);
    expect([...passedOver.keys()]).toEqual([basename(newer)]);
    expect(passedOver.get(basename(newer))?.message).toContain('has format version 2');
  });
});

describe('an adoption', () => {
  it('is had by one of two processes that try at once, and by another when that one is killed', async () => {
    const directory = temporaryFolder();
    leftStream(directory);
    const children = [Child.node('adopt.mjs', [directory]), Child.node('adopt.mjs', [directory])];
    await Promise.all(children.map((child) => child.printed(1)));
    expect(children.flatMap((child) => child.lines).sort()).toEqual(['adopted', 'refused']);
    expect(Adoption.take(listStreams(directory)[0]!)).toBeUndefined();

    await children.find((child) => child.lines[0] === 'adopted')!.kill();
    expect(Adoption.take(listStreams(directory)[0]!)).toMatchObject({ exclusive: true });
  });

  it('writes nothing into the stream', () => {
    const directory = temporaryFolder();
    const left = leftStream(directory);
    const before = readFileSync(join(left, '00000001.ndjson'));
    const adoption = Adoption.take(listStreams(directory)[0]!);
    recoverStream(listStreams(directory)[0]!);
    acknowledgeAll(left);
    adoption?.release();
    expect(readFileSync(join(left, '00000001.ndjson'))).toEqual(before);
    expect(loadCursor(left)?.number).toBe(3);
  });
});

describe('recovery', () => {
  it('names the tip, torn bytes, damaged lines, and the attempts without an outcome', () => {
    const directory = temporaryFolder();
    const chain = new SampleChain();
    const attempt = (id: string) => chain.next({ 'bot.action.stage': 'attempt', 'audit.outcome': 'unknown' }, id);
    const outcome = (of: string) => chain.next({ 'bot.action.stage': 'outcome', 'bot.action.attempt.record_id': of });
    const left = leftStream(directory, [attempt('a'), attempt('b'), outcome('a'), attempt('c'), chain.next()]);
    writeFileSync(join(left, '00000001.ndjson'), 'no record\n{"Attributes":{"torn', { flag: 'a' });
    const last = readAll(left).at(-1)!;
    expect(recoverStream(listStreams(directory)[0]!)).toEqual({
      streamId: listStreams(directory)[0]!.streamId,
      records: 5,
      tip: { number: 5, hash: cursorAfter(last).hash },
      closed: false,
      tornBytes: 20,
      damagedLines: 1,
      openAttempts: ['b', 'c'],
      openAttemptCount: 2,
    });
  });

  it('names no more attempts than a record can hold, and counts all', () => {
    const chain = new SampleChain();
    const lines = Array.from({ length: 1200 }, (_, index) =>
      chain.next({ 'bot.action.stage': 'attempt' }, `a${index}`),
    );
    const recovery = recoverStream({ streamId: 'any', directory: leftStream(temporaryFolder(), lines) });
    expect(recovery.openAttempts).toHaveLength(1000);
    expect(recovery.openAttempts[0]).toBe('a0');
    expect(recovery.openAttemptCount).toBe(1200);
  });
});
