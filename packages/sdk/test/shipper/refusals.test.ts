import { describe, expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { shipDirectory } from '../../src/shipper/index.js';
import { recordId, someRecord, TestStream, temporaryFolder } from './journal.ts';
import { type Behaviour, refuse, Sink } from './sink.ts';

const PAUSES = { firstMs: 2, longestMs: 10 };

async function ship(directory: string, sink: Sink, protocol: 'http/json' | 'http/protobuf' = 'http/json') {
  const metrics = new Metrics();
  const endpoint = { url: sink.url, protocol };
  const report = await shipDirectory({ directory, endpoint, mode: 'once', metrics, pauses: PAUSES });
  expect(metrics.one('audit_records_rejected_total').values[0]?.value).toBe(report.rejected);
  expect(metrics.one('audit_records_exported_total').values[0]?.value).toBe(report.exported);
  return report;
}

/** Refuses a request when one of `lines` is in it. */
const dislikes =
  (lines: readonly (string | undefined)[], status = 400): Behaviour =>
  (request) =>
    request.lines.some((line) => lines.includes(line)) ? refuse(status, 'bad attribute') : {};

describe.each([400, 413, 422])('%i', (status) => {
  test.each([
    ['the first', [0]],
    ['the last', [600]],
    ['one in the middle', [300]],
    ['several, two side by side', [3, 4, 77, 511, 512, 600]],
  ])('for %s puts just that aside, with the reason, byte for byte', async (_, numbers) => {
    const directory = temporaryFolder();
    const stream = new TestStream(directory).open().fill(600);
    const poison = numbers.map((number) => stream.lines[number]);
    const sink = await Sink.start(dislikes(poison, status));
    const report = await ship(directory, sink);
    expect(report).toEqual({ exported: 601 - poison.length, rejected: poison.length, remaining: 0, unreadable: 0 });
    expect(
      stream
        .rejected()
        .map(({ line }) => line)
        .sort(),
    ).toEqual([...poison].sort());
    expect(stream.rejected()[0]).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      reason: `HTTP ${status}: bad attribute`,
      line: expect.any(String),
    });
    const others = stream.ids.filter((_id, index) => !numbers.includes(index));
    expect(sink.takenIds).toEqual(new Set(others));
    expect(sink.requests.length).toBeLessThan(40 * numbers.length);
  });
});

test.each([
  [
    'http/json',
    (k: number) => JSON.stringify({ partialSuccess: { rejectedLogRecords: String(k), errorMessage: 'no' } }),
  ],
  ['http/protobuf', (k: number) => Buffer.from([0x0a, 6, 0x08, k, 0x12, 2, 0x6e, 0x6f])],
] as const)('partial success over %s: what was rejected is found and put aside', async (protocol, body) => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(200);
  const poison = [7, 8, 150].map((number) => stream.lines[number]);
  const sink = await Sink.start(({ lines }) => {
    const taken = lines.filter((line) => !poison.includes(line));
    return taken.length === lines.length ? {} : { body: body(lines.length - taken.length), taken };
  });
  expect(await ship(directory, sink, protocol)).toEqual({ exported: 198, rejected: 3, remaining: 0, unreadable: 0 });
  expect(
    stream
      .rejected()
      .map(({ line }) => line)
      .sort(),
  ).toEqual([...poison].sort());
  expect(stream.rejected()[0]?.reason).toBe('partial success, 1 of 1 rejected: no');
  expect(sink.takenIds).toEqual(
    new Set(stream.ids.filter((id) => !poison.some((line) => recordId(line ?? '') === id))),
  );
});

test.each([400, 422, 413])('%i to everything for a while puts nothing aside', async (status) => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(100);
  let everything = true;
  const sink = await Sink.start(() => (everything ? refuse(status) : {}));
  const shipping = ship(directory, sink);
  await expect.poll(() => sink.requests.length).toBeGreaterThan(60);
  everything = false;
  expect(await shipping).toEqual({ exported: 101, rejected: 0, remaining: 0, unreadable: 0 });
  expect(stream.rejected()).toEqual([]);
  expect(sink.takenIds).toEqual(new Set(stream.ids));
});

test('a receiver that takes no request of more than some bytes gets smaller ones', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(1_000);
  const sink = await Sink.start(({ headers }) => (Number(headers['content-length']) > 50_000 ? refuse(413) : {}));
  expect(await ship(directory, sink)).toEqual({ exported: 1_001, rejected: 0, remaining: 0, unreadable: 0 });
  expect(sink.taken).toEqual(stream.lines);
});

test('a refused record that is alone waits until another one is taken', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const sink = await Sink.start(dislikes([stream.lines[0]]));
  const shipping = ship(directory, sink);
  await expect.poll(() => sink.requests.length).toBeGreaterThan(5);
  expect(stream.rejected()).toEqual([]);
  stream.fill(1);
  expect(await shipping).toEqual({ exported: 1, rejected: 1, remaining: 0, unreadable: 0 });
  expect(stream.rejected()).toHaveLength(1);
  expect(sink.takenIds).toEqual(new Set(stream.ids.slice(1)));
});

test('another stream’s record shows as well that records are taken', async () => {
  const directory = temporaryFolder();
  const bad = new TestStream(directory).open();
  const good = new TestStream(directory).open();
  const sink = await Sink.start(dislikes(bad.lines));
  expect(await ship(directory, sink)).toEqual({ exported: 1, rejected: 1, remaining: 0, unreadable: 0 });
  expect(bad.rejected()).toHaveLength(1);
  expect(good.rejected()).toEqual([]);
});

test('more refused records in a row than a request holds do not stop those behind them', {
  timeout: 60_000,
}, async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(700, { 'bot.chat.id': 'bad' }).fill(20);
  const sink = await Sink.start(({ lines }) => (lines.some((line) => line.includes('"bad"')) ? refuse(400) : {}));
  expect(await ship(directory, sink)).toEqual({ exported: 21, rejected: 700, remaining: 0, unreadable: 0 });
  expect(new Set(stream.rejected().map(({ line }) => line)).size).toBe(700);
});

test('a line that is no record is put aside, counted as a break, and the others are sent', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const broken = '{"Attributes":{"audit.sequence.number":{"intValue":2}},"EventName":""}';
  stream.appendRaw(broken).fill(1);
  const sink = await Sink.start();
  expect(await ship(directory, sink)).toEqual({ exported: 2, rejected: 1, remaining: 0, unreadable: 0 });
  expect(stream.rejected()).toEqual([{ at: expect.any(String), reason: expect.any(String), line: broken }]);
  expect(sink.taken).toEqual(stream.lines);
});

test('a record of 256 KiB goes through, alone if need be', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory);
  for (let index = 0; index < 8; index++) stream.append(someRecord(index, { text: 'é'.repeat(120_000) }));
  const sink = await Sink.start();
  await ship(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
  for (const { headers } of sink.requests) expect(Number(headers['content-length'])).toBeLessThan(1024 * 1024);
});
