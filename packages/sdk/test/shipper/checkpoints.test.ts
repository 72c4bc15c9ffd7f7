import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINTS_FILE, CheckpointFile, unacknowledgedCheckpoints } from '@botaudit/journal';
import { canonicalCheckpoint, canonicalRecord, checkpointRecord, keyIdOf, NO_CHECKPOINT_HASH } from '@botaudit/record';
import { expect, onTestFinished, test } from 'vitest';
import { shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { refuse, Sink } from './sink.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const keyId = keyIdOf(publicKey.export({ format: 'pem', type: 'spki' }) as string);

/** Lines that carry the checkpoints of a stream, each of one record more. */
function checkpointsOf({ streamId, lines }: TestStream, count: number): string[] {
  let previous = NO_CHECKPOINT_HASH;
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const tip_hash = hash('sha256', lines[index] ?? '');
    const tip = { stream_id: streamId, epoch: 0, sequence_number: number, tip_hash, entry_count: number };
    const timestamp = '2026-11-24T04:00:00Z';
    const checkpoint = canonicalCheckpoint({ prev_hash: previous, seq: number, timestamp, tips: [tip] });
    previous = hash('sha256', checkpoint);
    const signature = sign(null, Buffer.from(checkpoint), privateKey).toString('base64');
    return canonicalRecord(checkpointRecord({ streamId, checkpoint, signature, keyId }));
  });
}

const endpoint = (sink: Sink, protocol: 'http/json' | 'http/protobuf' = 'http/json') => ({ url: sink.url, protocol });
const once = (directory: string, sink: Sink) =>
  shipDirectory({ directory, endpoint: endpoint(sink), mode: 'once', pauses: { firstMs: 5, longestMs: 20 } });

test.each(['http/json', 'http/protobuf'] as const)(
  'checkpoints arrive byte for byte, behind the records that they vouch for, over %s',
  async (protocol) => {
    const directory = temporaryFolder();
    const stream = new TestStream(directory).open().fill(1_200);
    const file = new CheckpointFile(stream.directory);
    const checkpoints = checkpointsOf(stream, 3);
    for (const line of checkpoints) file.append(line);
    const sink = await Sink.start();
    const report = await shipDirectory({ directory, endpoint: endpoint(sink, protocol), mode: 'once' });
    expect(report).toEqual({ exported: 1_204, rejected: 0, remaining: 0, unreadable: 0 });
    expect(sink.taken).toEqual([...stream.lines, ...checkpoints]);
    // No request more than the records take.
    expect(sink.requests).toHaveLength(3);
    expect(unacknowledgedCheckpoints(stream.directory)).toEqual([]);
    await shipDirectory({ directory, endpoint: endpoint(sink, protocol), mode: 'once' });
    expect(sink.taken).toHaveLength(1_204);
  },
);

test('those that come later are shipped when they come, also where no record is left, or the front of the file went', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(5);
  const file = new CheckpointFile(stream.directory);
  const [one, two, three, four] = checkpointsOf(stream, 4) as [string, string, string, string];
  file.append(one);
  const sink = await Sink.start();
  const stop = new AbortController();
  const shipping = shipDirectory({
    directory,
    endpoint: endpoint(sink),
    mode: 'follow',
    pollMs: 10,
    signal: stop.signal,
  });
  onTestFinished(async () => {
    stop.abort();
    await shipping;
  });
  const arrived = (line: string) => expect.poll(() => sink.taken.includes(line), { timeout: 30_000 }).toBe(true);
  await arrived(one);
  file.append(two);
  await arrived(two);
  writeFileSync(file.path, `${two}\n${three}\n`);
  await arrived(three);
  stream.fill(1);
  file.append(four);
  await arrived(four);
  expect(sink.taken).toEqual([...stream.lines.slice(0, 6), one, two, three, ...stream.lines.slice(6), four]);
});

test('whoever finds a stream whose records are all acknowledged ships the checkpoints that are not', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(3).leave();
  const sink = await Sink.start();
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
  const file = new CheckpointFile(stream.directory);
  const checkpoints = checkpointsOf(stream, 2);
  for (const line of checkpoints) file.append(line);
  expect(await once(directory, sink)).toEqual({ exported: 2, rejected: 0, remaining: 0, unreadable: 0 });
  expect(sink.taken.slice(4)).toEqual(checkpoints);
  // Where it is not known what was acknowledged they are sent again, under the same ids.
  unlinkSync(join(stream.directory, 'checkpoint-cursor.json'));
  await once(directory, sink);
  expect(sink.taken.slice(6)).toEqual(checkpoints);
  expect(sink.takenIds.size).toBe(6);
});

test('one that is refused is put aside like a record; garbage among them, and a torn last line, keep nothing from going', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(3).leave();
  const [one, two] = checkpointsOf(stream, 2) as [string, string];
  writeFileSync(join(stream.directory, CHECKPOINTS_FILE), `${one}\ngarbage\n${two}\n{"torn`);
  const sink = await Sink.start((request) => (request.lines.includes(one) ? refuse(400) : {}));
  const report = await once(directory, sink);
  expect(report).toEqual({ exported: 5, rejected: 2, remaining: 0, unreadable: 0 });
  expect(new Set(sink.taken)).toEqual(new Set([...stream.lines, two]));
  expect(stream.rejected().map(({ line }) => line)).toEqual(expect.arrayContaining([one, 'garbage']));
});

test('a file of checkpoints that can not be read keeps no record from going', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(3).leave();
  const path = join(stream.directory, CHECKPOINTS_FILE);
  mkdirSync(path);
  const sink = await Sink.start();
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
  rmSync(path, { recursive: true });
});
