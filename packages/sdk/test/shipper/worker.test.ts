import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listStreams, loadCursor, StreamReader } from '@botaudit/journal';
import { expect, onTestFinished, test } from 'vitest';
import { readMetricsFile } from '../../src/metrics/metrics-file.js';
import { shipDirectory } from '../../src/shipper/index.js';
import { blackHole } from './black-hole.ts';
import { TestStream, temporaryFolder } from './journal.ts';
import { accept, type Behaviour, Sink } from './sink.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

interface Bot {
  readonly child: ChildProcess;
  /** Ends with the process: what it wrote, and how it ended. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly stderr: string;
    readonly stopped: number;
    readonly clockOffsetMs: number;
  }>;
}

function startBot(
  args: readonly string[],
  { execArgv = [], env = {} }: { execArgv?: string[]; env?: object } = {},
): Bot {
  const child = fork(fixture('bot.mjs'), args, {
    execArgv,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stderr, ...JSON.parse(stdout || '{}') }));
  return { child, ended };
}

/** All lines of a journal, stream by stream. */
function linesOf(directory: string): string[] {
  return listStreams(directory).flatMap((entry) => {
    const reader = new StreamReader(entry.directory);
    const lines = reader.read(1_000_000).map(({ line }) => line);
    reader.close();
    return lines;
  });
}

test('everything that was written is acknowledged when the process ends by itself, the last record too', async () => {
  const directory = temporaryFolder();
  const sink = await Sink.start();
  const bot = startBot([directory, sink.url, '2000']);
  const { code, stderr, stopped, clockOffsetMs } = await bot.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(sink.taken).toEqual(linesOf(directory));
  expect(sink.taken).toHaveLength(2_001);
  expect(stopped).toBeLessThan(1_000);
  expect(Math.abs(clockOffsetMs)).toBeLessThan(2_000);
});

test('what the worker measured is in the metrics of the thread that started it, to the last record', async () => {
  const directory = temporaryFolder();
  const sink = await Sink.start();
  await startBot([directory, sink.url, '600']).ended;
  const [entry] = listStreams(directory);
  const metrics = readMetricsFile(entry?.directory ?? '')?.metrics;
  const value = (name: string) => metrics?.find((metric) => metric.name === name)?.values.at(-1)?.value;
  expect(value('audit_records_exported_total')).toBe(601);
  expect(value('audit_queue_depth')).toBe(0);
  expect(value('audit_export_duration_seconds')).toBe(sink.requests.length);
  expect(loadCursor(entry?.directory ?? '')?.number).toBe(601);
});

test('a record that is written while the shipper rests is shipped soon', async () => {
  const directory = temporaryFolder();
  const sink = await Sink.start();
  const { child } = startBot([directory, sink.url, '1', 'again']);
  await once(child, 'message');
  for (let count = 2; count < 5; count++) {
    await expect.poll(() => sink.taken.length, { timeout: 30_000 }).toBe(count - 1);
    child.send('more');
  }
  await expect.poll(() => sink.taken).toEqual(linesOf(directory));
});

test.each<[string, Behaviour]>([
  ['is silent', () => ({ failure: 'silence' })],
  ['trickles', () => ({ failure: 'trickle' })],
  ['answers 503', () => ({ status: 503, headers: { 'retry-after': '60' } })],
  ['answers 401', () => ({ status: 401 })],
  ['answers 400', () => ({ status: 400 })],
  ['is slow', () => new Promise((resolve) => setTimeout(resolve, 700, {}))],
])('a receiver that %s does not keep the process for longer than the deadline', async (_, behaviour) => {
  const directory = temporaryFolder();
  const sink = await Sink.start(behaviour);
  const { code, stopped } = await startBot([directory, sink.url, '3000']).ended;
  expect(code).toBe(0);
  expect(stopped).toBeLessThan(1_100);
  sink.behaviour = accept;
  await shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once' });
  expect(new Set(sink.taken)).toEqual(new Set(linesOf(directory)));
});

test('without a receiver the process ends at once', async () => {
  const directory = temporaryFolder();
  const { code, stopped } = await startBot([directory, 'http://127.0.0.1:9/v1/audit', '3000']).ended;
  expect(code).toBe(0);
  expect(stopped).toBeLessThan(1_000);
});

test('a receiver that does not even answer a connection does not keep the process for longer than the deadline', async () => {
  const directory = temporaryFolder();
  const { code, stopped } = await startBot([directory, await blackHole(), '3000']).ended;
  expect(code).toBe(0);
  expect(stopped).toBeLessThan(1_100);
  const sink = await Sink.start();
  await shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once' });
  expect(sink.taken).toEqual(linesOf(directory));
});

test('streams of an older and of a newer version beside its own: the older one is shipped, the newer one left alone', async () => {
  const directory = temporaryFolder();
  const [older, newer] = [0, 2].map((version) => {
    const stream = new TestStream(directory).open().fill(3).leave();
    const path = join(stream.directory, 'stream.json');
    const { host, threadId, ...info } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...info, formatVersion: version, ...(version > 1 && { later: 'things' }) }));
    return stream;
  }) as [TestStream, TestStream];
  const contentOf = ({ directory }: TestStream) =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
  const before = contentOf(newer);
  const sink = await Sink.start();
  const { child, ended } = startBot([directory, sink.url, '50', 'again']);
  await expect.poll(() => sink.taken.length, { timeout: 30_000 }).toBe(54);
  child.kill('SIGTERM');
  const { stderr } = await ended;
  expect(sink.taken).toEqual(expect.arrayContaining(older.lines));
  expect(sink.taken.filter((line) => newer.lines.includes(line))).toEqual([]);
  expect(contentOf(newer)).toEqual(before);
  expect(stderr).toContain(`${join(newer.directory, 'stream.json')}: has format version 2`);
});

test('killed while shipping, again and again: the next processes ship everything, at least once, under one id', {
  timeout: 240_000,
}, async () => {
  const directory = temporaryFolder();
  const sink = await Sink.start();
  for (let run = 1; run <= 5; run++) {
    const before = sink.requests.length;
    const { child, ended } = startBot([directory, sink.url, '100', 'forever']);
    await expect.poll(() => sink.requests.length - before, { timeout: 30_000 }).toBeGreaterThan(3);
    child.kill('SIGKILL');
    await ended;
  }
  startBot([directory, sink.url, '1', 'again']);
  const written = linesOf(directory);
  await expect.poll(() => sink.takenIds.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(written.length);
  expect(new Set(sink.taken)).toEqual(new Set(linesOf(directory)));
  expect(sink.takenIds.size).toBe(new Set(sink.taken).size);
});

test('the preload of the command line and of NODE_OPTIONS is loaded in the bot’s thread alone', async () => {
  const directory = temporaryFolder();
  const preloaded = join(directory, 'preloaded');
  const preload = `--import=${fixture('preload.mjs')}`;
  const sink = await Sink.start();
  const bot = startBot([directory, sink.url, '1'], {
    execArgv: [preload],
    env: { PRELOADED: preloaded, NODE_OPTIONS: `--import=${fixture('preload.mjs')}?again` },
  });
  expect((await bot.ended).code).toBe(0);
  expect(sink.taken).toHaveLength(2);
  expect(readFileSync(preloaded, 'utf8')).toBe('0\n0\n');
});
