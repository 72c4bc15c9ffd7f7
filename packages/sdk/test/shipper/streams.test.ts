import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Adoption, listStreams, loadCursor } from '@botaudit/journal';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { type ShipDirectoryOptions, type ShippingReport, shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { accept, Sink } from './sink.ts';

const PAUSES = { firstMs: 5, longestMs: 20 };

const once = (directory: string, sink: Sink, options: Partial<ShipDirectoryOptions> = {}): Promise<ShippingReport> =>
  shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once', pauses: PAUSES, ...options });

/** Ships until the test ends. */
function follow(directory: string, sink: Sink, options: Partial<ShipDirectoryOptions> = {}) {
  const stop = new AbortController();
  const shipping = once(directory, sink, { mode: 'follow', pollMs: 10, signal: stop.signal, ...options });
  const end = () => {
    stop.abort();
    return shipping;
  };
  onTestFinished(async () => {
    await end();
  });
  return end;
}

describe.each(['http/json', 'http/protobuf'] as const)('over %s', (protocol) => {
  test.each(['none', 'gzip'] as const)(
    'every record arrives byte for byte, in order, once (compression: %s)',
    async (compression) => {
      const directory = temporaryFolder();
      const stream = new TestStream(directory).open().fill(1_500);
      const sink = await Sink.start();
      const report = await once(directory, sink, { endpoint: { url: sink.url, protocol, compression } });
      expect(report).toEqual({ exported: 1_501, rejected: 0, remaining: 0, unreadable: 0 });
      expect(sink.taken).toEqual(stream.lines);
      expect(
        sink.requests.every(({ headers }) => (headers['content-encoding'] === 'gzip') === (compression === 'gzip')),
      ).toBe(true);
    },
  );

  test('a stream’s records travel with the resource that its opening record names', async () => {
    const directory = temporaryFolder();
    new TestStream(directory).open({ 'service.name': 'one', 'process.pid': 42, 'process.args': ['a', 'b'] });
    const sink = await Sink.start();
    await once(directory, sink, { endpoint: { url: sink.url, protocol } });
    const { attributes } = sink.requests[0]!.resource as { attributes: { key: string; value: object }[] };
    expect(attributes.map(({ key }) => key).sort()).toEqual(['process.args', 'process.pid', 'service.name']);
    expect(attributes.find(({ key }) => key === 'process.args')?.value).toEqual({
      arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] },
    });
  });
});

test('without an opening record the service’s name stands for the resource', async () => {
  const directory = temporaryFolder();
  new TestStream(directory).fill(1);
  const sink = await Sink.start();
  await once(directory, sink);
  expect(sink.requests[0]?.resource).toEqual({
    attributes: [{ key: 'service.name', value: { stringValue: 'test-bot' } }],
  });
});

test('what was acknowledged is not sent again by the next run; what came since is', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(1_000);
  const sink = await Sink.start();
  await once(directory, sink);
  expect(loadCursor(stream.directory)?.number).toBe(1_001);
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
  stream.fill(3);
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
});

test('a cursor that does not fit the journal makes everything be sent again', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(5);
  const sink = await Sink.start();
  await once(directory, sink);
  writeFileSync(join(stream.directory, 'cursor.json'), '{"segment":1,"offset":17,"number":1,"hash":"no"}');
  await once(directory, sink);
  expect(sink.taken).toEqual([...stream.lines, ...stream.lines]);
});

test('records of all streams are shipped: living, ended, and of those that wrote over many segments', async () => {
  const directory = temporaryFolder();
  const streams = [
    new TestStream(directory).open().fill(10),
    new TestStream(directory, { segmentMaxBytes: 64 * 1024 }).open().fill(2_000).leave(),
    ...Array.from({ length: 20 }, () => new TestStream(directory).open().leave()),
  ];
  const sink = await Sink.start();
  const report = await once(directory, sink);
  expect(report).toEqual({ exported: 11 + 2_001 + 20, rejected: 0, remaining: 0, unreadable: 0 });
  expect([...sink.taken].sort()).toEqual(streams.flatMap(({ lines }) => lines).sort());
});

test('a stream that somebody else has adopted is left to him', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().leave();
  const entry = listStreams(directory)[0];
  const adoption = entry && Adoption.take(entry);
  const sink = await Sink.start();
  expect((await once(directory, sink)).exported).toBe(0);
  adoption?.release();
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
});

test('following, new records and new streams are shipped as they come, and a stream that ends is shipped to its end', async () => {
  const directory = temporaryFolder();
  const sink = await Sink.start();
  const end = follow(directory, sink);
  const first = new TestStream(directory).open();
  await expect.poll(() => sink.taken, { timeout: 30_000 }).toEqual(first.lines);
  first.fill(10);
  await expect.poll(() => sink.taken).toEqual(first.lines);
  first.fill(10).leave();
  await expect.poll(() => sink.taken).toEqual(first.lines);
  const second = new TestStream(directory).open();
  await expect.poll(() => sink.taken, { timeout: 30_000 }).toEqual([...first.lines, ...second.lines]);
  expect(await end()).toEqual({ exported: 22, rejected: 0, remaining: 0, unreadable: 0 });
});

test('a place where lines are missing is counted', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(5).leave();
  const segment = join(stream.directory, '00000001.ndjson');
  const lines = readFileSync(segment, 'utf8').split('\n');
  writeFileSync(segment, [...lines.slice(0, 2), 'not a record', ...lines.slice(4)].join('\n'));
  const metrics = new Metrics();
  const sink = await Sink.start();
  await once(directory, sink, { metrics });
  expect(metrics.one('audit_chain_breaks_total').values).toEqual([{ labels: { source: 'shipper' }, value: 2 }]);
  expect(sink.taken).toHaveLength(4);
});

test('how much waits, and since when, is measured while the receiver is down', async () => {
  const directory = temporaryFolder();
  new TestStream(directory).open().fill(1_000);
  const metrics = new Metrics();
  const gauge = (name: 'audit_queue_depth' | 'audit_queue_oldest_age_seconds') =>
    metrics.one(name).values[0]?.value ?? 0;
  const sink = await Sink.start(() => ({ status: 503 }));
  const end = follow(directory, sink, { metrics });
  await expect.poll(() => gauge('audit_queue_depth'), { timeout: 30_000 }).toBe(1_001);
  expect(gauge('audit_queue_oldest_age_seconds')).toBeGreaterThan(0.5);
  sink.behaviour = accept;
  await expect.poll(() => gauge('audit_queue_depth'), { timeout: 30_000 }).toBe(0);
  expect(gauge('audit_queue_oldest_age_seconds')).toBe(0);
  const acknowledged = metrics.one('audit_last_acknowledged_timestamp_seconds').values[0]?.value ?? 0;
  expect(Math.abs(Date.now() / 1000 - acknowledged)).toBeLessThan(10);
  await end();
});

test.skipIf(process.getuid?.() === 0)(
  'a stream that can’t be read is said once, and the others are shipped (skipped for root, who may read all)',
  async () => {
    const directory = temporaryFolder();
    const closed = new TestStream(directory).open();
    const open = new TestStream(directory).open();
    chmodSync(join(closed.directory, '00000001.ndjson'), 0);
    const said: string[] = [];
    const sink = await Sink.start();
    const report = await once(directory, sink, { say: (message) => said.push(message) });
    expect(report).toMatchObject({ remaining: 0, unreadable: 1 });
    expect(sink.taken).toEqual(open.lines);
    expect(said).toEqual([expect.stringContaining('EACCES')]);
  },
);

test('what is written into the journal is readable for its owner, and the group where that may read the folder', async () => {
  for (const groupRead of [false, true]) {
    const directory = temporaryFolder();
    const stream = new TestStream(directory, { groupRead }).open();
    const poison = stream.lines[0];
    stream.fill(1);
    const sink = await Sink.start(({ lines }) => (lines.includes(poison ?? '') ? { status: 400 } : {}));
    await once(directory, sink);
    for (const file of ['cursor.json', 'rejected.ndjson']) {
      expect((statSync(join(stream.directory, file)).mode & 0o777).toString(8)).toBe(groupRead ? '640' : '600');
    }
  }
});

test('a record that can’t be put aside is kept until it can', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const poison = stream.lines[0];
  stream.fill(1);
  const file = join(stream.directory, 'rejected.ndjson');
  mkdirSync(file);
  const metrics = new Metrics();
  const failures = () =>
    metrics.one('audit_export_errors_total').values.find(({ labels }) => labels.reason === 'rejected_file');
  const sink = await Sink.start(({ lines }) => (lines.includes(poison ?? '') ? { status: 400 } : {}));
  const shipping = once(directory, sink, { metrics });
  await expect.poll(() => failures()?.value).toBeGreaterThan(1);
  rmSync(file, { recursive: true });
  expect(await shipping).toEqual({ exported: 1, rejected: 1, remaining: 0, unreadable: 0 });
  expect(stream.rejected()).toHaveLength(1);
});

test('stopped while the receiver is silent, it ends in about a second and has lost nothing', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const silent = await Sink.start(() => ({ failure: 'silence' }));
  const end = follow(directory, silent);
  await expect.poll(() => silent.requests.length, { timeout: 30_000 }).toBe(1);
  const started = performance.now();
  expect(await end()).toEqual({ exported: 0, rejected: 0, remaining: 1, unreadable: 0 });
  expect(performance.now() - started).toBeLessThan(2_000);
  const sink = await Sink.start();
  await once(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
});
