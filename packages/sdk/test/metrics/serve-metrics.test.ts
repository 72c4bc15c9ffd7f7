import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Adoption, listStreams } from '@botaudit/journal';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  Metrics,
  MetricsFile,
  type MetricsServer,
  type ServeMetricsOptions,
  serveMetrics,
} from '../../src/metrics/index.js';
import { readMetricsFile } from '../../src/metrics/metrics-file.js';
import { TestStream, temporaryFolder } from '../shipper/journal.ts';

/** A stream with metrics in its folder. */
function streamWith(directory: string, fill: (metrics: Metrics) => void): TestStream {
  const stream = new TestStream(directory).open();
  const metrics = new Metrics();
  fill(metrics);
  new MetricsFile(metrics, stream.directory).close();
  return stream;
}

function serve(options: ServeMetricsOptions): MetricsServer {
  const server = serveMetrics({ port: 0, retryMs: 10, ...options });
  onTestFinished(() => server.close());
  return server;
}

async function get(address: AddressInfo, path = '/metrics', method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${address.port}${path}`, { method, headers: { connection: 'close' } });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** Value of a series without labels. */
const value = (text: string, name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);

describe('the file of a stream', () => {
  test('is written when something changed, in one step, readable for its owner alone', () => {
    const directory = temporaryFolder();
    const metrics = new Metrics();
    const file = new MetricsFile(metrics, directory);
    file.write();
    const path = join(directory, 'metrics.json');
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    const { ino } = statSync(path);
    file.write();
    expect(statSync(path).ino).toBe(ino);
    metrics.add('audit_records_emitted_total', {});
    file.close();
    expect(statSync(path).ino).not.toBe(ino);
    expect(readMetricsFile(directory)?.metrics).toEqual(metrics.snapshot());
  });

  test('is written by itself while something changes', async () => {
    const directory = temporaryFolder();
    const metrics = new Metrics();
    const file = new MetricsFile(metrics, directory, { intervalMs: 5 });
    onTestFinished(() => file.close());
    metrics.add('audit_records_emitted_total', {}, 3);
    const stored = () => readMetricsFile(directory)?.metrics.find(({ name }) => name === 'audit_records_emitted_total');
    await expect.poll(() => stored()?.values[0]?.value).toBe(3);
  });

  test('a folder that something else has taken the place of costs nothing but the file', () => {
    const path = join(temporaryFolder(), 'taken');
    writeFileSync(path, '');
    const file = new MetricsFile(new Metrics(), path);
    expect(() => file.close()).not.toThrow();
  });

  test('that can’t be written is no error', () => {
    const directory = temporaryFolder();
    const file = new MetricsFile(new Metrics(), join(directory, 'gone'));
    expect(() => file.close()).not.toThrow();
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"formatVersion":1,'],
    ['another version', '{"formatVersion":2,"metrics":[]}'],
    ['a list', '[]'],
  ])('that holds %s counts for nothing', (_, content) => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'metrics.json'), content);
    expect(readMetricsFile(directory)).toBeUndefined();
  });

  test('gives only what is a metric of this version, with this version’s help', () => {
    const directory = temporaryFolder();
    const metrics = [
      { name: 'audit_queue_depth', help: 'x', type: 'counter', aggregator: 'omit', values: [{ labels: {}, value: 1 }] },
      {
        name: 'audit_records_emitted_total',
        values: [{ labels: { a: {} }, value: 1 }, { labels: {}, value: 'NaN' }, 7],
      },
      { name: 'audit_events_total', values: [{ labels: {}, value: 1, metricName: 'other_metric' }] },
      { name: 'toString', values: [] },
      { name: 'node_heap_bytes', values: [] },
      null,
    ];
    writeFileSync(join(directory, 'metrics.json'), JSON.stringify({ formatVersion: 1, metrics }));
    const { help } = new Metrics().one('audit_queue_depth');
    expect(readMetricsFile(directory)?.metrics).toEqual([
      { name: 'audit_queue_depth', help, type: 'gauge', aggregator: 'sum', values: [{ labels: {}, value: 1 }] },
      expect.objectContaining({ name: 'audit_records_emitted_total', values: [] }),
      expect.objectContaining({ name: 'audit_events_total', values: [] }),
    ]);
  });
});

test('the sum over all processes is served; of those that ended the counters alone', async () => {
  const directory = temporaryFolder();
  const count = (n: number) => (metrics: Metrics) => {
    metrics.add('audit_records_emitted_total', {}, n);
    metrics.set('audit_journal_bytes', {}, n);
    metrics.set('audit_instrumented_frameworks', { framework: 'grammy', version: '1', supported: 'true' }, 1);
    metrics.observe('audit_append_duration_seconds', {}, n / 1e6);
  };
  streamWith(directory, count(1));
  streamWith(directory, count(2));
  streamWith(directory, count(40)).leave();
  const { status, type, text } = await get(await serve({ directory }).listening);
  expect(status).toBe(200);
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(value(text, 'audit_records_emitted_total')).toBe(43);
  expect(value(text, 'audit_append_duration_seconds_count')).toBe(3);
  expect(value(text, 'audit_journal_bytes')).toBe(2);
  expect(text).toContain('audit_instrumented_frameworks{framework="grammy",version="1",supported="true"} 2');
});

test('the metrics of the thread that serves are those of this moment, not those of its file', async () => {
  const directory = temporaryFolder();
  const stream = streamWith(directory, (metrics) => metrics.add('audit_records_emitted_total', {}, 5));
  const metrics = new Metrics();
  const address = await serve({ directory, own: { metrics, streamId: stream.streamId } }).listening;
  for (const expected of [1, 2, 3]) {
    metrics.add('audit_records_emitted_total', {});
    expect(value((await get(address)).text, 'audit_records_emitted_total')).toBe(expected);
  }
});

test('what a stream that ended left unshipped still waits, and grows older, until somebody adopts it', async () => {
  const directory = temporaryFolder();
  streamWith(directory, (metrics) => {
    metrics.set('audit_queue_depth', {}, 1);
    metrics.set('audit_queue_oldest_age_seconds', {}, 100);
    metrics.set('audit_journal_bytes', {}, 77);
  }).leave();
  const address = await serve({ directory }).listening;
  const { text } = await get(address);
  expect(value(text, 'audit_queue_depth')).toBe(1);
  expect(value(text, 'audit_queue_oldest_age_seconds')).toBeGreaterThan(100);
  expect(value(text, 'audit_journal_bytes')).toBeNaN();
  const [entry] = listStreams(directory);
  const adoption = entry && Adoption.take(entry);
  expect(value((await get(address)).text, 'audit_queue_depth')).toBeNaN();
  adoption?.release();
  expect(value((await get(address)).text, 'audit_queue_depth')).toBe(1);
});

test('counters do not fall when retention removes an ended stream', async () => {
  const directory = temporaryFolder();
  streamWith(directory, (metrics) => metrics.add('audit_records_emitted_total', {}, 1));
  const streams = [10, 100].map((n) =>
    streamWith(directory, (metrics) => metrics.add('audit_records_emitted_total', {}, n)).leave(),
  );
  const address = await serve({ directory }).listening;
  expect(value((await get(address)).text, 'audit_records_emitted_total')).toBe(111);
  for (const { directory: folder } of streams) {
    rmSync(folder, { recursive: true });
    expect(value((await get(address)).text, 'audit_records_emitted_total')).toBe(111);
  }
});

test('anything but GET /metrics is refused', async () => {
  const address = await serve({ directory: temporaryFolder() }).listening;
  expect((await get(address, '/')).status).toBe(404);
  expect((await get(address, '/metrics', 'POST')).status).toBe(405);
  expect((await get(address, '/metrics?x=1')).status).toBe(200);
  expect((await get(address, '/metrics', 'HEAD')).text).toBe('');
});

test('only this machine can ask, unless told otherwise', async () => {
  expect((await serve({ directory: temporaryFolder() }).listening).address).toBe('127.0.0.1');
});

test('of several processes of a journal one has the port; when it goes away another one takes over', async () => {
  const directory = temporaryFolder();
  const said: string[] = [];
  const first = serve({ directory });
  const { port } = await first.listening;
  const others = [1, 2].map(() => serve({ directory, port, say: (message) => said.push(message) }));
  first.close();
  const second = await Promise.race(others.map(({ listening }, index) => listening.then(() => index)));
  expect((await get({ port } as AddressInfo)).status).toBe(200);
  others[second]?.close();
  await others[1 - second]?.listening;
  expect((await get({ port } as AddressInfo)).status).toBe(200);
  expect(said).toEqual([]);
});

test.each([
  ['another program', () => createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')],
  [
    'something that does not speak HTTP',
    () =>
      createServer()
        .on('connection', (socket) => socket.end('?'))
        .listen(0, '127.0.0.1'),
  ],
])('a port that %s has is said once and taken when it is free', async (_, start) => {
  const program = start();
  await once(program, 'listening');
  const { port } = program.address() as AddressInfo;
  const said: string[] = [];
  const { listening } = serve({ directory: temporaryFolder(), port, say: (message) => said.push(message) });
  await expect.poll(() => said.length).toBe(1);
  program.close();
  program.closeAllConnections();
  await listening;
  expect(said).toEqual([expect.stringContaining(`127.0.0.1:${port}`)]);
});

test('another journal’s server counts as another program', async () => {
  const { port } = await serve({ directory: temporaryFolder() }).listening;
  const said: string[] = [];
  serve({ directory: temporaryFolder(), port, say: (message) => said.push(message) });
  await expect.poll(() => said.length).toBe(1);
});

test('serving, and waiting for the port, keeps no process alive, and loads prom-client for the first scrape only', async () => {
  const fixture = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
  const run = async (port: number) => {
    const child = fork(fixture, [temporaryFolder(), String(port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const [message] = await once(child, 'message');
    const [code] = await once(child, 'exit');
    return { message, code };
  };
  const { message, code } = await run(0);
  expect(code).toBe(0);
  expect(message).toEqual({ loadedBefore: false, status: 200, loadedAfter: true });
  const taken = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  onTestFinished(() => {
    taken.close();
  });
  await once(taken, 'listening');
  expect((await run((taken.address() as AddressInfo).port)).code).toBe(0);
});

test('neither serving nor asking who has the port is in the application’s traces', async () => {
  const fixture = fileURLToPath(new URL('fixtures/traced.mjs', import.meta.url));
  const child = fork(fixture, [temporaryFolder(), temporaryFolder()], {
    cwd: fileURLToPath(new URL('../../../../test', import.meta.url)),
    execArgv: ['--import', '@opentelemetry/auto-instrumentations-node/register'],
    env: {
      ...process.env,
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,net',
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let spans = '';
  child.stdout?.on('data', (chunk) => {
    spans += chunk;
  });
  const [port] = await once(child, 'message');
  expect((await get({ port } as AddressInfo)).status).toBe(200);
  child.send('end');
  await once(child, 'close');
  // The one request that the application made itself, and its connection.
  expect(Array.from(spans.matchAll(/ name: '([^@].*)'/g), ([, name]) => name).sort()).toEqual(['GET', 'tcp.connect']);
});
