import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { botaudit, linesOf, MAIN, Running } from './support/botaudit.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-index-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TOKEN = 'token-of-payments';

/** An indexer's environment on loopback, whose Elasticsearch is not there. */
const ENV = {
  BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'http://127.0.0.1:1',
  BOTAUDIT_INDEXER_LISTEN: '127.0.0.1:0',
  BOTAUDIT_INDEXER_METRICS: '127.0.0.1:0',
  BOTAUDIT_INDEXER_TOKENS: `payments=${TOKEN}`,
};

const run = (args: readonly string[], env: NodeJS.ProcessEnv = ENV) =>
  botaudit(['index', ...args], { cwd: folder, env });

/** Remembers what it is sent, as little as a set-up needs; `forbids` is what is refused, by its path. */
async function fakeElasticsearch(forbids = /^$/) {
  const held = new Map<string, unknown>();
  const written: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const path = request.url ?? '';
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(JSON.stringify(body));
    };
    if (forbids.test(path)) return send(403, { error: { type: 'security_exception', reason: 'no' }, status: 403 });
    if (request.method === 'GET') return held.has(path) ? send(200, held.get(path) as object) : send(404, {});
    written.push(`${request.method} ${path}`);
    if (path.startsWith('/_security/role/')) held.set(path, { [path.split('/')[3]!]: JSON.parse(text) });
    return send(200, { acknowledged: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { env: { ...ENV, BOTAUDIT_INDEXER_ELASTICSEARCH_URL: url }, written };
}

describe('index', () => {
  test('takes records until it is told to stop, and says where, to people and to programs', async () => {
    const running = new Running(['index', '--json'], { cwd: folder, env: ENV });
    await running.until(({ stdout }) => stdout.endsWith('\n'));
    const { url, metrics } = JSON.parse(running.stdout) as { url: string; metrics: string };
    expect(running.stderr).toContain(`botaudit: records are taken at ${url}, and go to http://127.0.0.1:1\n`);
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
    expect(await (await fetch(metrics)).text()).toContain('audit_indexer_requests_refused_total');
    running.child.kill('SIGTERM');
    const { code, signal, stdout, stderr } = await running.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(linesOf(stdout)).toHaveLength(1);
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  test('reads from Kafka alone where it is told to, waits for what is not there, and stops in the midst of it', async () => {
    const env = {
      ...ENV,
      BOTAUDIT_INDEXER_LISTEN: 'off',
      BOTAUDIT_INDEXER_TOKENS: '',
      BOTAUDIT_INDEXER_KAFKA_BROKERS: '127.0.0.1:9',
    };
    const running = new Running(['index', '--json'], { cwd: folder, env });
    await running.until(({ stdout }) => stdout.endsWith('\n'));
    expect(running.stderr).toContain('records are read from the topic audit at 127.0.0.1:9, and go to http');
    const { url, metrics } = JSON.parse(running.stdout) as { url: null; metrics: string };
    expect(url).toBeNull();
    await eventually('trouble with Kafka', () => running.stderr.includes('trouble with Kafka') || undefined);
    expect((await fetch(new URL('/readyz', metrics))).status).toBe(503);
    expect(await (await fetch(metrics)).text()).toMatch(
      /^audit_indexer_kafka_errors_total\{reason="unavailable"\} [1-9]/m,
    );
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
  }, 60_000);

  test('--config names its file, before the command or behind it', async () => {
    const config = join(folder, 'other.yaml');
    writeFileSync(config, 'receiver:\n  lisen: 127.0.0.1:0\n');
    for (const args of [
      ['index', '--config', config],
      ['--config', config, 'index'],
      ['index', '--setup', '--config', config],
    ]) {
      const { code, stdout, stderr } = await botaudit(args, { cwd: folder, env: ENV });
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(linesOf(stderr)).toHaveLength(1);
      expect(stderr).toContain(`${config}:2`);
      expect(stderr).toContain('receiver.lisen');
    }
  });

  test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    ['a dry run of nothing', ['--dry-run'], ENV, /--dry-run goes with --setup; see botaudit index --help/],
    ['two things at once', ['--setup', '--archive', MAIN], ENV, /--archive and --setup are two things to do/],
    ['no archive', ['--archive', '/nonexistent.jsonl'], ENV, /\/nonexistent\.jsonl can't be read: ENOENT/],
    [
      'Kafka without a password',
      [],
      { ...ENV, BOTAUDIT_INDEXER_KAFKA_BROKERS: '127.0.0.1:9', BOTAUDIT_INDEXER_KAFKA_USERNAME: 'x' },
      /kafka: has half a credential/,
    ],
    ['a wrong value', [], { ...ENV, BOTAUDIT_INDEXER_LISTEN: 'x' }, /BOTAUDIT_INDEXER_LISTEN.*allowed/],
    ['nobody who may send', [], { ...ENV, BOTAUDIT_INDEXER_TOKENS: '' }, /nobody could send records: set/],
    ['a short token', [], { ...ENV, BOTAUDIT_INDEXER_TOKENS: 'a=short' }, /a token of a is shorter than 16/],
    ['an address that is no own one', [], { ...ENV, BOTAUDIT_INDEXER_LISTEN: '192.0.2.1:4321' }, /no address of this/],
    [
      'a certificate that is none',
      [],
      { ...ENV, BOTAUDIT_INDEXER_CERTIFICATE: MAIN, BOTAUDIT_INDEXER_KEY: MAIN },
      /INDEXER_CERTIFICATE: .*main\.js holds no certificate; allowed: /,
    ],
    ['no Elasticsearch to set up', ['--setup'], ENV, /Elasticsearch was not set up: .*ECONNREFUSED/],
  ])('%s is told in one line, with 2', async (_what, args, env, message) => {
    const { code, stdout, stderr } = await run(args, env);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/internal error|^\s+at /m);
    expect(linesOf(stderr).filter((line) => !line.includes('in clear'))).toHaveLength(1);
  });

  test('where the indexer, or the client of S3, is not installed it says what to install', async () => {
    const modules = join(folder, 'node_modules');
    const cli = join(modules, '@botaudit/cli');
    mkdirSync(cli, { recursive: true });
    cpSync(join(dirname(MAIN), '..'), cli, { recursive: true, filter: (path) => !path.includes('node_modules') });
    const require = createRequire(MAIN);
    for (const name of ['@botaudit/record', '@botaudit/journal']) {
      symlinkSync(fileURLToPath(new URL('..', import.meta.resolve(name))), join(modules, name));
    }
    symlinkSync(dirname(require.resolve('commander')), join(modules, 'commander'));
    symlinkSync(dirname(dirname(require.resolve('fast-string-width'))), join(modules, 'fast-string-width'));
    const main = join(cli, 'dist/main.js');
    const { code, stderr } = await botaudit(['index'], { main, cwd: folder, env: ENV });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^botaudit: the indexer is not installed; .*npm install @botaudit\/indexer.*\n$/);
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const archive = await botaudit(['archive', '--to', 's3://bucket'], { main, cwd: folder, env: keys });
    expect(archive).toMatchObject({ code: 2, stdout: '' });
    expect(archive.stderr).toMatch(
      /^botaudit: archives in S3 need the package aws4fetch, .*npm install aws4fetch .*\n$/,
    );
    expect((await botaudit(['index', '--help'], { main })).code).toBe(0);
  });
});

describe('index --setup', () => {
  test('a dry run tells what would be changed, with 1, and changes nothing', async () => {
    const { env, written } = await fakeElasticsearch();
    const { code, stdout } = await run(['--setup', '--dry-run'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^create {6}role audit-writer$/m);
    expect(stdout).toMatch(/\nwould change (\d+) of \d+\n$/);
    expect(written).toEqual([]);
  });

  test('sets up, with 0, and prints what it did', async () => {
    const { env, written } = await fakeElasticsearch();
    const { code, stdout } = await run(['--setup'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nchanged \d+ of \d+\n$/);
    expect(written).toContain('PUT /_security/role/audit-writer');
    expect((await run(['--setup'], env)).stdout).not.toContain('role audit-writer');

    const again = await run(['--setup', '--json'], env);
    const report = JSON.parse(again.stdout) as { dryRun: boolean; complete: boolean; steps: object[] };
    expect(report).toMatchObject({ dryRun: false, complete: true });
    expect(report.steps).toContainEqual({ name: 'role audit-writer', action: 'unchanged', details: [] });
  });

  test('what it may not set up is named, with 2', async () => {
    const { env } = await fakeElasticsearch(/^\/_security/);
    const { code, stdout } = await run(['--setup'], env);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^forbidden {3}role audit-writer\n {2}HTTP 403/m);
    expect(stdout).toMatch(/; 3 could not be set up\n$/);
  });
});
