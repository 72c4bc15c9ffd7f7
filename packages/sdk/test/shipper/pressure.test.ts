import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { type ShippingReport, shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { accept, Sink } from './sink.ts';

const PATIENCE = { timeout: 30_000 };

/** Ships a stream as it grows, until the test stops it. */
function follow(directory: string, sink: Sink, timeoutMs = 10_000) {
  const metrics = new Metrics();
  const said: string[] = [];
  const stop = new AbortController();
  const shipping = shipDirectory({
    directory,
    endpoint: { url: sink.url, timeoutMs, headers: { authorization: 'Bearer of-today' } },
    mode: 'follow',
    pollMs: 10,
    pauses: { firstMs: 5, longestMs: 50 },
    signal: stop.signal,
    metrics,
    say: (message) => said.push(message),
  });
  const end = async (): Promise<ShippingReport> => {
    stop.abort();
    return await shipping;
  };
  onTestFinished(async () => {
    await end();
  });
  const errors = (reason: string) =>
    metrics.one('audit_export_errors_total').values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
  return { said, errors, end, metrics };
}

test('credentials that expire and come back, twice, cost time and no record', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const sink = await Sink.start();
  const { said, errors, end } = follow(directory, sink);
  for (const status of [401, 403]) {
    stream.fill(600);
    await expect.poll(() => sink.takenIds.size, PATIENCE).toBe(stream.lines.length);
    const before = errors('unauthorized');
    sink.behaviour = () => ({ status, body: '{"code":16,"message":"token expired"}' });
    stream.fill(600);
    await expect.poll(() => errors('unauthorized'), PATIENCE).toBeGreaterThan(before + 5);
    sink.behaviour = accept;
  }
  stream.fill(1);
  await expect.poll(() => sink.takenIds.size, PATIENCE).toBe(stream.lines.length);
  expect(await end()).toEqual({ exported: stream.lines.length, rejected: 0, remaining: 0, unreadable: 0 });
  // Said once an outage, not once a try; and each record came once, in its order.
  expect(said.filter((message) => message.includes('token expired'))).toHaveLength(2);
  expect(said.filter((message) => message.includes('takes records again'))).toHaveLength(2);
  expect(sink.taken).toEqual(stream.lines);
  expect(existsSync(join(stream.directory, 'rejected.ndjson'))).toBe(false);
});

test('a receiver that takes records and answers too late gets them again, under the same ids, until it is fast enough', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(300);
  let late = true;
  const sink = await Sink.start(async ({ lines, over }) => {
    // So late that whoever asked is gone.
    if (late) await over;
    return { taken: lines, body: '{}' };
  });
  const { errors, end, said } = follow(directory, sink, 200);
  await expect.poll(() => errors('timeout'), PATIENCE).toBeGreaterThan(2);
  late = false;
  stream.fill(10);
  await expect.poll(() => sink.takenIds.size, PATIENCE).toBe(stream.lines.length);
  expect(await end()).toMatchObject({ rejected: 0, remaining: 0, unreadable: 0 });
  expect(sink.taken.length).toBeGreaterThan(stream.lines.length);
  expect(new Set(sink.taken)).toEqual(new Set(stream.lines));
  expect(said[0]).toContain('no whole answer within 200 ms');
});

test('a receiver whose answer comes in pieces, in time, is understood', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const piecewise = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pieces = [...'{"partialSuccess":{}}'];
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) response.write(piece);
        else {
          clearInterval(timer);
          response.end();
        }
      }, 5);
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    piecewise.close();
    piecewise.closeAllConnections();
  });
  await once(piecewise, 'listening');
  const { port } = piecewise.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1/audit`;
  expect(await shipDirectory({ directory, endpoint: { url }, mode: 'once' })).toMatchObject({ exported: 1 });
  expect(stream.rejected()).toEqual([]);
});

test('a clock that is set back and forward by an hour, and to 1970 and 2100, makes nobody wait', async () => {
  const HOUR = 3_600_000;
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const sink = await Sink.start(() => ({ status: 503 }));
  const { errors, end, metrics } = follow(directory, sink);
  for (const time of [now, now - HOUR, now + HOUR, 0, Date.UTC(2100, 0), now]) {
    vi.setSystemTime(time);
    stream.fill(5);
    const before = errors('unavailable');
    const started = performance.now();
    await expect.poll(() => errors('unavailable'), PATIENCE).toBeGreaterThan(before + 3);
    // Four pauses of at most 50 ms each, and what a loaded machine adds to them.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(metrics.one('audit_queue_oldest_age_seconds').values[0]?.value ?? 0).toBeGreaterThanOrEqual(0);
  }
  sink.behaviour = accept;
  await expect.poll(() => sink.takenIds.size, PATIENCE).toBe(stream.lines.length);
  for (const time of [now + HOUR, now - HOUR]) {
    vi.setSystemTime(time);
    stream.fill(5);
    await expect.poll(() => sink.takenIds.size, PATIENCE).toBe(stream.lines.length);
  }
  expect(await end()).toEqual({ exported: stream.lines.length, rejected: 0, remaining: 0, unreadable: 0 });
  expect(sink.taken).toEqual(stream.lines);
});

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('a time to try again that a receiver names is one of its own clock, which is %s', async (_, ahead) => {
  const directory = temporaryFolder();
  new TestStream(directory).open();
  const theirs = Math.floor((Date.now() + ahead) / 1000) * 1000;
  const headers = { date: new Date(theirs).toUTCString(), 'retry-after': new Date(theirs + 2_000).toUTCString() };
  const sink = await Sink.start((_request, index) => (index === 0 ? { status: 503, headers } : {}));
  await shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once' });
  const [first, second] = sink.requests;
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(1_990);
});
