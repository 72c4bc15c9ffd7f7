import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { type ShipRejectedOptions, shipDirectory, shipRejected } from '../../src/shipper/index.js';
import { appendRejected, claimRejected, parkRejected, rejectedEntry } from '../../src/shipper/rejected-file.js';
import { recordId, TestStream, temporaryFolder } from './journal.ts';
import { accept, type Behaviour, refuse, Sink } from './sink.ts';

const PAUSES = { firstMs: 2, longestMs: 10 };

function again(directory: string, sink: Sink, options: Partial<ShipRejectedOptions> = {}) {
  return shipRejected({ directory, endpoint: { url: sink.url }, pauses: PAUSES, ...options });
}

/** A stream some of whose records were refused, and the sink that refused them. */
async function refused(count: number, directory = temporaryFolder()) {
  const stream = new TestStream(directory).open().fill(count);
  for (const line of stream.lines.slice(1)) parkRejected(stream.directory, { line, reason: 'HTTP 413' });
  const sink = await Sink.start();
  return { directory, stream, sink, lines: stream.lines.slice(1) };
}

const dislikes =
  (lines: readonly (string | undefined)[]): Behaviour =>
  (request) =>
    request.lines.some((line) => lines.includes(line)) ? refuse(400, 'bad attribute') : {};

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1);

const namesIn = (stream: TestStream) => readdirSync(stream.directory).filter((name) => name.startsWith('rejected'));

test('what a receiver refused and takes now leaves the file; what it refuses again stays, with the new reason', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(700);
  const poison = [3, 4, 600].map((number) => stream.lines[number]);
  const sink = await Sink.start(dislikes(poison));
  await shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once', pauses: PAUSES });
  const [first] = stream.rejected();
  expect(stream.rejected()).toHaveLength(3);
  sink.taken.length = 0;
  sink.behaviour = (request) => (request.lines.includes(poison[1] as string) ? refuse(422, 'still bad') : {});
  const metrics = new Metrics();
  expect(await again(directory, sink, { metrics })).toEqual({ exported: 2, rejected: 1, remaining: 0, unreadable: 0 });
  expect(new Set(sink.taken)).toEqual(new Set([poison[0], poison[2]]));
  const left = stream.rejected();
  expect(left).toEqual([{ at: expect.any(String), reason: 'HTTP 422: still bad', line: poison[1] }]);
  expect(left[0]!.at >= first!.at).toBe(true);
  expect((statSync(join(stream.directory, 'rejected.ndjson')).mode & 0o777).toString(8)).toBe('600');
  expect(metrics.one('audit_records_exported_total').values[0]?.value).toBe(2);
  sink.behaviour = accept;
  expect(await again(directory, sink)).toEqual({ exported: 1, rejected: 0, remaining: 0, unreadable: 0 });
  expect(namesIn(stream)).toEqual([]);
  expect(await again(directory, sink)).toEqual({ exported: 0, rejected: 0, remaining: 0, unreadable: 0 });
});

test('all streams, and more records than a request holds; those refused among them are found', async () => {
  const { directory, stream, sink, lines } = await refused(1_300);
  const other = await refused(2, directory);
  const poison = [lines[0], lines[700], lines[1_299]];
  sink.behaviour = dislikes(poison);
  const heard: [string, number, number][] = [];
  const report = await again(directory, sink, { onProgress: (...progress) => heard.push(progress) });
  expect(report).toEqual({ exported: 1_299, rejected: 3, remaining: 0, unreadable: 0 });
  expect(stream.rejected().map(({ line }) => line)).toEqual(poison);
  expect(other.stream.rejected()).toEqual([]);
  expect(heard).toContainEqual([stream.streamId, 1_297, 3]);
  expect(heard).toContainEqual([other.stream.streamId, 2, 0]);
});

test('a receiver that refuses everything keeps nobody waiting, and nothing is lost', async () => {
  const { directory, stream, sink, lines } = await refused(40);
  sink.behaviour = () => refuse(400);
  expect(await again(directory, sink)).toEqual({ exported: 0, rejected: 40, remaining: 0, unreadable: 0 });
  expect(new Set(stream.rejected().map(({ line }) => line))).toEqual(new Set(lines));
});

test('a receiver that is down is waited for; told to stop, what was not sent goes back as it was', async () => {
  const { directory, stream, sink } = await refused(600);
  const other = await refused(5, directory);
  const before = [stream.rejected(), other.stream.rejected()];
  sink.behaviour = () => ({ status: 503 });
  const controller = new AbortController();
  const shipping = again(directory, sink, { signal: controller.signal });
  await expect.poll(() => sink.requests.length, { timeout: 30_000 }).toBeGreaterThan(3);
  controller.abort();
  expect(await shipping).toEqual({ exported: 0, rejected: 0, remaining: 605, unreadable: 0 });
  expect([stream.rejected(), other.stream.rejected()]).toEqual(before);
  expect([namesIn(stream), namesIn(other.stream)]).toEqual([['rejected.ndjson'], ['rejected.ndjson']]);
  sink.behaviour = accept;
  expect(await again(directory, sink)).toMatchObject({ exported: 605, remaining: 0 });
});

test('stopped in the middle, each record is where it belongs: taken, refused again, or back', async () => {
  const { directory, stream, sink, lines } = await refused(1_500);
  const controller = new AbortController();
  sink.behaviour = (request, index) => {
    if (request.lines.includes(lines[100] as string)) return refuse(400, 'again');
    if (index < 12) return {};
    controller.abort();
    return { status: 503 };
  };
  const report = await again(directory, sink, { signal: controller.signal });
  expect(report).toMatchObject({ rejected: 1, unreadable: 0 });
  expect(report.exported).toBeGreaterThan(0);
  expect(report.exported + report.remaining).toBe(1_499);
  const left = stream.rejected();
  expect(left.filter(({ reason }) => reason === 'HTTP 400: again').map(({ line }) => line)).toEqual([lines[100]]);
  expect(new Set([...left.map(({ line }) => line), ...sink.taken])).toEqual(new Set(lines));
  expect(left).toHaveLength(report.remaining + 1);
});

test('what another process puts aside at the same time is not lost, however the two meet', {
  timeout: 60_000,
}, async () => {
  const { directory, stream, sink, lines } = await refused(50);
  const script = fileURLToPath(new URL('fixtures/parking.mjs', import.meta.url));
  const child = fork(script, [stream.directory]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = once(child, 'close');
  await once(child, 'message');
  // Two at once, since nothing keeps anybody from it.
  for (let run = 0; run < 30; run++) await Promise.all([again(directory, sink), again(directory, sink)]);
  child.send('stop');
  const [parked] = await once(child, 'message');
  expect((await ended)[0]).toBe(0);
  await again(directory, sink);
  expect(parked).toBeGreaterThan(100);
  const expected = [...lines.map(recordId), ...Array.from({ length: parked }, (_, index) => `parked-${index}`)];
  expect(sink.takenIds).toEqual(new Set(expected));
  expect(namesIn(stream)).toEqual([]);
});

test('of two who send the same at once neither is told that something is wrong', async () => {
  const { directory, stream, sink, lines } = await refused(1_200);
  sink.behaviour = dislikes([lines[700]]);
  const said: string[] = [];
  const run = () => again(directory, sink, { say: (message) => said.push(message) });
  const reports = await Promise.all([run(), run()]);
  expect(reports.map(({ unreadable, remaining }) => [unreadable, remaining])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(said.filter((message) => !message.startsWith(sink.url))).toEqual([]);
  expect(new Set(stream.rejected().map(({ line }) => line))).toEqual(new Set([lines[700]]));
  expect(namesIn(stream)).toEqual(['rejected.ndjson']);
});

test('what is written into the file just after it was taken up is written once more', async () => {
  const { stream, lines } = await refused(2);
  let claimed: string[] = [];
  // By the time that the entry is asked for, the file is open.
  const entries = Object.defineProperty(['', 'another'], 0, {
    get: () => {
      if (claimed.length === 0) claimed = claimRejected(stream.directory);
      return 'late';
    },
  });
  appendRejected(stream.directory, entries);
  expect(linesOf(claimed[0]!)).toHaveLength(lines.length + 2);
  expect(linesOf(join(stream.directory, 'rejected.ndjson'))).toEqual(['late', 'another']);
});

test('what a run that was killed had taken up, the next one sends; nothing stands twice afterwards', async () => {
  const { directory, stream, sink, lines } = await refused(3);
  const claimed = join(stream.directory, 'rejected.sending-0f0e0d0c-0000-4000-8000-000000000001.ndjson');
  writeFileSync(claimed, lines.map((line) => `${rejectedEntry({ line, reason: 'older' })}\n`).join(''));
  sink.behaviour = dislikes([lines[1]]);
  expect(await again(directory, sink)).toMatchObject({ rejected: 1, remaining: 0, unreadable: 0 });
  expect(stream.rejected().map(({ line }) => line)).toEqual([lines[1]]);
  expect(namesIn(stream)).toEqual(['rejected.ndjson']);
});

test('lines that hold no record are kept aside and told, and the others are sent', async () => {
  const { directory, stream, sink, lines } = await refused(2);
  const path = join(stream.directory, 'rejected.ndjson');
  const whole = readFileSync(path, 'utf8');
  const torn = whole.slice(0, 40);
  const content = Buffer.concat([
    Buffer.from(`${torn}\n${whole}{}\n{"line":7}\n`),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.alloc(3 << 20),
  ]);
  writeFileSync(path, content);
  const said: string[] = [];
  const report = await again(directory, sink, { say: (message) => said.push(message) });
  expect(report).toEqual({ exported: 2, rejected: 0, remaining: 0, unreadable: 1 });
  expect(sink.taken).toEqual(lines);
  const [name] = namesIn(stream);
  expect(said).toEqual([`${join(stream.directory, name!)}: 5 lines hold no rejected record; the file is kept`]);
  expect(name).toMatch(/^rejected\.damaged-/);
  expect(readFileSync(join(stream.directory, name!)).equals(content)).toBe(true);
  expect(await again(directory, sink)).toEqual({ exported: 0, rejected: 0, remaining: 0, unreadable: 0 });
});

test('a line that was put aside because it is no record stays', async () => {
  const { directory, stream, sink } = await refused(1);
  parkRejected(stream.directory, { line: '{"EventName":""}', reason: 'older' });
  expect(await again(directory, sink)).toEqual({ exported: 1, rejected: 1, remaining: 0, unreadable: 0 });
  expect(stream.rejected()).toEqual([expect.objectContaining({ line: '{"EventName":""}' })]);
  expect(stream.rejected()[0]!.reason).not.toBe('older');
});

test.each<[string, (path: string) => void]>([
  ['a folder', (path) => mkdirSync(path)],
  ['a link', (path) => symlinkSync('/dev/zero', path)],
])('%s in place of the file is told, and the other streams’ records are sent', async (_, put) => {
  const directory = temporaryFolder();
  const broken = new TestStream(directory).open();
  put(join(broken.directory, 'rejected.ndjson'));
  const { sink, lines } = await refused(2, directory);
  const said: string[] = [];
  const report = await again(directory, sink, { say: (message) => said.push(message) });
  expect(report).toEqual({ exported: 2, rejected: 0, remaining: 0, unreadable: 1 });
  expect(said).toEqual([`${join(broken.directory, 'rejected.ndjson')}: is not a regular file`]);
  expect(sink.taken).toEqual(lines);
  expect(() => parkRejected(broken.directory, { line: '{}', reason: 'no' })).toThrow();
});

test('a stream of a newer format version is left alone', async () => {
  const { directory, stream, sink } = await refused(2);
  const info = join(stream.directory, 'stream.json');
  writeFileSync(info, readFileSync(info, 'utf8').replace('"formatVersion":1', '"formatVersion":2'));
  const said: string[] = [];
  const report = await again(directory, sink, { say: (message) => said.push(message) });
  expect(report).toEqual({ exported: 0, rejected: 0, remaining: 0, unreadable: 1 });
  expect(said).toEqual([expect.stringContaining('has format version 2')]);
  expect(stream.rejected()).toHaveLength(2);
  expect(existsSync(join(stream.directory, 'rejected.ndjson'))).toBe(true);
});
