import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { type ShipDirectoryOptions, shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { type Reply, refuse, Sink } from './sink.ts';

const PAUSES = { firstMs: 5, longestMs: 20 };

async function ship(directory: string, sink: Sink, options: Partial<ShipDirectoryOptions> = {}) {
  const metrics = new Metrics();
  const said: string[] = [];
  const report = await shipDirectory({
    directory,
    endpoint: { url: sink.url, timeoutMs: 500 },
    mode: 'once',
    metrics,
    pauses: PAUSES,
    say: (message) => said.push(message),
    ...options,
  });
  const errors = metrics
    .one('audit_export_errors_total')
    .values.filter(({ value }) => value > 0)
    .map(({ labels, value }) => [labels.reason, value]);
  return { report, errors: Object.fromEntries(errors), metrics, said };
}

describe('an answer that says nothing about the records costs time and no record', () => {
  const html = { 'content-type': 'text/html' };
  const json = { 'content-type': 'application/json' };
  const answers: readonly [what: string, reason: string, reply: Reply][] = [
    ['301', 'redirected', { status: 301, headers: { location: 'http://127.0.0.1:1/' } }],
    ['307', 'redirected', { status: 307, headers: { location: '/v1/audit/' } }],
    ['401', 'unauthorized', { status: 401 }],
    ['403', 'unauthorized', { status: 403 }],
    ['404', 'wrong_endpoint', { status: 404 }],
    ['405', 'wrong_endpoint', { status: 405 }],
    ['415', 'wrong_endpoint', { status: 415 }],
    ['418', 'wrong_endpoint', { status: 418 }],
    ['408', 'unavailable', { status: 408 }],
    ['429', 'throttled', { status: 429 }],
    ['500', 'unavailable', { status: 500 }],
    ['502', 'unavailable', { status: 502, body: '<html>Bad gateway</html>', headers: html }],
    ['503 with a time', 'unavailable', { status: 503, headers: { 'retry-after': '0' } }],
    ['503 with a date', 'unavailable', { status: 503, headers: { 'retry-after': new Date(0).toUTCString() } }],
    ['503 with nonsense for a time', 'unavailable', { status: 503, headers: { 'retry-after': 'soon' } }],
    ['a page with status 200', 'not_otlp', { body: '<html>Please log in</html>', headers: html }],
    ['garbage with status 200', 'not_otlp', { body: Buffer.from([255, 254, 0, 1]), headers: json }],
    ['half an answer', 'not_otlp', { body: '{"partialSuccess":', headers: json }],
    ['some other JSON', 'not_otlp', { body: '{"status":"ok"}', headers: json }],
    ['a count below nothing', 'not_otlp', { body: '{"partialSuccess":{"rejectedLogRecords":-5}}', headers: json }],
    [
      'a count in text below nothing',
      'not_otlp',
      { body: '{"partialSuccess":{"rejectedLogRecords":"-9"}}', headers: json },
    ],
    ['a part of a record', 'not_otlp', { body: '{"partialSuccess":{"rejectedLogRecords":0.5}}', headers: json }],
    ['a list', 'not_otlp', { body: '[]', headers: json }],
    ['204', 'not_otlp', { status: 204, headers: { 'content-type': '' } }],
    ['an answer without end', 'not_otlp', { body: ' '.repeat(2 * 1024 * 1024), headers: json }],
    ['a connection reset within the answer', 'network', { failure: 'reset' }],
    ['no answer in time', 'timeout', { failure: 'silence' }],
    ['an answer that trickles', 'timeout', { failure: 'trickle' }],
  ];

  test.each(answers)('%s', async (_, reason, reply) => {
    const directory = temporaryFolder();
    const stream = new TestStream(directory).open().fill(700);
    const sink = await Sink.start((_request, index) => (index < 2 ? reply : {}));
    const { report, errors, said } = await ship(directory, sink);
    expect(report).toEqual({ exported: 701, rejected: 0, remaining: 0, unreadable: 0 });
    expect(sink.taken).toEqual(stream.lines);
    expect(errors).toEqual({ [reason]: 2 });
    expect(existsSync(join(stream.directory, 'rejected.ndjson'))).toBe(false);
    // Once for the trouble, once for its end.
    expect(said).toHaveLength(2);
  });
});

test('a receiver that is down is waited for, and gets everything once it is up', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(100);
  const first = await Sink.start();
  const { port } = first;
  first.stop();
  const metrics = new Metrics();
  const errors = () =>
    metrics.one('audit_export_errors_total').values.find(({ labels }) => labels.reason === 'network');
  const shipping = shipDirectory({
    directory,
    endpoint: { url: `http://127.0.0.1:${port}/v1/audit` },
    mode: 'once',
    metrics,
    pauses: PAUSES,
  });
  await expect.poll(() => errors()?.value).toBeGreaterThanOrEqual(3);
  const up = Sink.start(undefined, { port });
  expect((await shipping).exported).toBe(101);
  expect((await up).taken).toEqual(stream.lines);
});

test('the time that a receiver asks for is given to it', async () => {
  const directory = temporaryFolder();
  new TestStream(directory).open();
  const sink = await Sink.start((_, index) => (index === 0 ? { status: 429, headers: { 'retry-after': '1' } } : {}));
  await ship(directory, sink);
  const [first, second] = sink.requests;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
});

test('a slow receiver is not taken for one that is down', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(50);
  const sink = await Sink.start(() => new Promise((resolve) => setTimeout(resolve, 200, {})));
  const { errors } = await ship(directory, sink);
  expect(sink.taken).toEqual(stream.lines);
  expect(errors).toEqual({});
});

test('a warning along with success is no failure', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open();
  const body = '{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"deprecated field"}}';
  const sink = await Sink.start(({ lines }) => ({ body, taken: lines }));
  const { errors, report } = await ship(directory, sink);
  expect(errors).toEqual({});
  expect(report.exported).toBe(1);
  expect(sink.taken).toEqual(stream.lines);
});

test('a receiver that answers protobuf in JSON is understood', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(3);
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const sink = await Sink.start(({ lines }) => ({ headers, body: '{"partialSuccess":{}}', taken: lines }));
  const { errors } = await ship(directory, sink, { endpoint: { url: sink.url, protocol: 'http/protobuf' } });
  expect(errors).toEqual({});
  expect(sink.taken).toEqual(stream.lines);
});

test('one connection is kept for all requests', async () => {
  const directory = temporaryFolder();
  new TestStream(directory).fill(3_000);
  const sink = await Sink.start();
  const { errors } = await ship(directory, sink);
  expect(sink.requests.length).toBeGreaterThan(5);
  expect(sink.connections).toBe(1);
  expect(errors).toEqual({});
});

test('credentials are sent and never said, even when the receiver repeats them', async () => {
  const directory = temporaryFolder();
  const stream = new TestStream(directory).open().fill(3);
  const poison = stream.lines[2];
  const sink = await Sink.start(({ lines, headers }, index) => {
    if (index === 0) return refuse(401, `no such token: ${headers.authorization}`);
    return lines.includes(poison ?? '') ? refuse(400, `bad record from ${headers.authorization} s3cret-key`) : {};
  });
  const headers = { Authorization: 'Bearer s3cret-token', 'X-Key': 's3cret-key' };
  const { said } = await ship(directory, sink, {
    endpoint: { url: sink.url.replace('//', '//user:s3cret-pw@'), headers },
  });
  expect(sink.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret-token', 'x-key': 's3cret-key' });
  expect(said.join()).toContain('401');
  expect(said.join()).not.toContain('s3cret');
  expect(stream.rejected()).toHaveLength(1);
  expect(JSON.stringify(stream.rejected())).not.toContain('s3cret');
});

test('a header that can’t be sent is said by its name, and nothing is lost', async () => {
  const directory = temporaryFolder();
  new TestStream(directory).open();
  const sink = await Sink.start();
  const stop = new AbortController();
  const said: string[] = [];
  const shipping = shipDirectory({
    directory,
    endpoint: { url: sink.url, headers: { authorization: 'Bearer s3\ncret' } },
    mode: 'once',
    signal: stop.signal,
    pauses: PAUSES,
    say: (message) => said.push(message),
  });
  await expect.poll(() => said.length).toBe(1);
  stop.abort();
  expect(await shipping).toEqual({ exported: 0, rejected: 0, remaining: 1, unreadable: 0 });
  expect(said[0]).toContain('authorization');
  expect(said[0]).not.toContain('cret');
});
