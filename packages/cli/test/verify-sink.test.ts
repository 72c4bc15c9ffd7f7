import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { jsonRequest } from '../../indexer/test/support/otlp.js';
import { botaudit, linesOf, Running } from './support/botaudit.js';
import { SearchServer } from './support/search-server.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

/** A line of a collector's file: a request with these records. */
const request = (lines: readonly string[]) =>
  JSON.stringify(
    jsonRequest(
      lines.map((line) => parseRecord(line)),
      { 'service.name': 'test', 'host.name': 'test' },
    ),
  );

const verify = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => botaudit(['verify', ...args], { env });

describe('verify --otlp-file', () => {
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(journal.folder, name);
    writeFileSync(path, content);
    return path;
  };

  test('verifies what collectors wrote, in any order, as often as it came, compressed or not', async () => {
    const [first, second] = [journal.closed({}, {}, {}), journal.closed({})];
    const [a, b, c] = [first.lines.slice(0, 2), first.lines.slice(2), second.lines];
    const files = [
      file('1.jsonl.zst', zstdCompressSync(`${request(b)}\n${request(c)}\n`)),
      file('2.jsonl.gz', gzipSync(`${request(a)}\n`)),
      // What wrote it was ended within a line, and began anew.
      file('3.jsonl', `${request(b)}\n${request(a).slice(0, 100)}${request(c)}\n`),
    ];
    const { code, stdout, stderr } = await verify(files.flatMap((each) => ['--otlp-file', each]));
    expect(stderr).toBe('');
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/3\.jsonl:2 - document \(notice\): .* begins with half a line/),
      'at the sink: 14 there, 6 of them twice',
      'consistent (unsigned): 2 streams, 8 records',
    ]);
    expect(code).toBe(0);
  });

  test('finds what was removed, changed or put in, and compares with the journal', async () => {
    const { id, lines } = journal.closed({}, {}, {});
    const path = file('audit.jsonl', `${request(lines.filter((_, index) => index !== 2))}\n`);
    const args = ['--otlp-file', path, '--grace', '0'];
    const alone = await verify(args);
    expect(linesOf(alone.stdout)[0]).toBe(`${id} 3 removed: record 3: missing`);
    expect(alone.code).toBe(1);
    const { code, stdout } = await verify([...args, '--json', journal.directory]);
    expect(JSON.parse(stdout)).toMatchObject({
      intact: false,
      sink: { documents: 4, missing: 1, journal: { same: 4, missing: 1, differing: 0 } },
    });
    expect(code).toBe(1);
  });

  test.each<[string, (path: string) => void, RegExp]>([
    ['is not there', () => {}, /can't be read to its end \(ENOENT\)$/],
    [
      'is cut short',
      (path) => writeFileSync(path, gzipSync('x'.repeat(1e5)).subarray(0, 60)),
      /can't be read to its end/,
    ],
  ])('a file that %s can not be verified: exit 2', async (_, make, message) => {
    const path = join(journal.folder, 'audit.jsonl.gz');
    make(path);
    const { code, stdout, stderr } = await verify(['--otlp-file', path]);
    expect([code, stdout]).toEqual([2, '']);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(message)]);
  });

  test('a line that is no OTLP is an error', async () => {
    const path = file('audit.jsonl', `${request(journal.closed().lines)}\nnonsense\n`);
    const { code, stdout } = await verify(['--otlp-file', path]);
    expect(linesOf(stdout)[0]).toMatch(/audit\.jsonl:2 - document: .*audit\.jsonl:2 is no OTLP in JSON$/);
    expect(code).toBe(1);
  });
});

describe('verify --elasticsearch', () => {
  let server: SearchServer;
  beforeEach(async () => {
    server = await SearchServer.listen();
  });
  afterEach(() => server.close());

  test('takes its key from a file, and ends with 0, 1 or 2', async () => {
    const { id, lines } = journal.closed({}, {});
    server.store(lines);
    const key = join(journal.folder, 'key');
    writeFileSync(key, 'bGV0IG1lIGlu\n');
    const env = { BOTAUDIT_ELASTICSEARCH_API_KEY_FILE: key };
    const args = ['--elasticsearch', server.url, '--grace', '0'];
    const right = await verify([...args, journal.directory], env);
    expect(right.stderr).toBe('');
    expect(linesOf(right.stdout)).toEqual([
      'at the sink: 4 there',
      'held against the journal: 4 the same',
      'consistent (unsigned): 1 stream, 4 records',
    ]);
    expect(right.code).toBe(0);
    for (const { authorization } of server.headers) expect(authorization).toBe('ApiKey bGV0IG1lIGlu');
    server.remove(server.find(id, 2));
    expect((await verify(args)).code).toBe(1);
    server.lie = (answer, path) => (path.startsWith('/_search') ? { ...answer, timed_out: true } : answer);
    const refused = await verify(args);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(
      /^botaudit: nothing was verified: Elasticsearch, asked for logs-audit\.otel-\*, gave up/,
    );
  });

  test('over TLS it trusts the authority that it is given, and says what to do where it is given none', async () => {
    const [keyFile, certificate] = [join(journal.folder, 'server.key'), join(journal.folder, 'server.pem')];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
    const about = ['-out', certificate, '-days', '2', '-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const { status } = spawnSync('openssl', ['req', '-x509', ...key, ...about]);
    expect(status).toBe(0);
    const overTls = await SearchServer.listen({ key: readFileSync(keyFile), cert: readFileSync(certificate) });
    onTestFinished(() => overTls.close());
    overTls.store(journal.closed({}).lines);
    const args = ['--elasticsearch', overTls.url, '--grace', '0'];
    expect(await verify([...args, '--ca', certificate])).toMatchObject({ code: 0, stderr: '' });
    const named = await verify(args, { BOTAUDIT_ELASTICSEARCH_CERTIFICATE: certificate });
    expect(named).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout, stderr } = await verify(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT; name the authority .* or with --ca/);
  });

  test('has nothing to say where there is nothing', async () => {
    const { code, stderr } = await verify(['--elasticsearch', server.url]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/nothing was verified: Elasticsearch has nothing of the name logs-audit\.otel-\*/);
  });

  test.each<[string[], RegExp]>([
    [['--elasticsearch', 'https://user:secret@localhost:9200'], /takes no credentials/],
    [['--elasticsearch', 'x', '--otlp-file', 'y'], /one at a time/],
    [['--elasticsearch', 'http://x', '--quick'], /--quick is for a journal/],
    [['--every', '5m'], /--every and --metrics go with --watch/],
    [['--watch'], /--watch goes with --elasticsearch or --otlp-file/],
    [['--ca', 'x'], /--ca goes with --elasticsearch/],
    [
      ['--elasticsearch', 'http://x', '--ca', '/nonexistent/ca.pem'],
      /--ca: cannot read \/nonexistent\/ca\.pem \(ENOENT\)/,
    ],
    [['--elasticsearch', 'http://x', '--services', 'no equals sign'], /--services takes principal=names/],
    [['--elasticsearch', 'http://x', '/nonexistent'], /is no journal/],
  ])('wrong usage is told: %s', async (args, message) => {
    const { code, stdout, stderr } = await verify(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(message)]);
    expect(stderr).not.toContain('secret');
  });

  test('--watch goes on, tells what is new once, and has it in its metrics', async () => {
    const { id, lines } = journal.closed({}, {});
    server.store(lines);
    const args = ['--elasticsearch', server.url, '--grace', '0', '--watch', '--every', '1s'];
    const running = new Running(['verify', ...args, '--metrics', '127.0.0.1:0']);
    onTestFinished(async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    });
    await running.until(({ stdout }) => stdout.includes('consistent (unsigned)'));
    const [, url = ''] = /metrics at (\S+)\n/.exec(running.stderr) ?? [];
    const metrics = async () => await (await fetch(url)).text();
    const first = await metrics();
    expect(first).toMatch(/^audit_sink_missing_records\{source="elasticsearch"\} 0$/m);
    expect(first).toMatch(/^audit_chain_breaks_total\{source="elasticsearch"\} 0$/m);
    expect(first).toMatch(/^audit_sink_verification_interval_seconds\{source="elasticsearch"\} 1$/m);
    const [, verified] =
      /^audit_sink_last_verified_timestamp_seconds\{source="elasticsearch"\} (\S+)$/m.exec(first) ?? [];
    expect(Math.abs(Date.now() / 1000 - Number(verified))).toBeLessThan(60);

    server.remove(server.find(id, 2));
    await running.until(({ stdout }) => linesOf(stdout).filter((line) => line.includes('not consistent')).length >= 2);
    // Found in each round, told and counted once.
    expect(linesOf(running.stdout).filter((line) => line === `${id} 2 removed: record 2: missing`)).toHaveLength(1);
    const second = await metrics();
    expect(second).toMatch(/^audit_sink_missing_records\{source="elasticsearch"\} 1$/m);
    expect(second).toMatch(/^audit_chain_breaks_total\{source="elasticsearch"\} 1$/m);

    server.lie = () => 401;
    await running.until(({ stderr }) => stderr.includes('refuses (HTTP 401)'));
    expect(await metrics()).toMatch(/^audit_sink_verification_failures_total\{source="elasticsearch"\} [1-9]/m);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});

test('sorting by way of files leaves nothing behind', async () => {
  const stream = journal.closed(...Array.from({ length: 30 }, () => ({ body: { text: 'x'.repeat(100_000) } })));
  const path = join(journal.folder, 'audit.jsonl');
  const lines = [...stream.lines, ...stream.lines, ...stream.lines, ...stream.lines, ...stream.lines, ...stream.lines];
  writeFileSync(
    path,
    lines
      .toReversed()
      .map((line) => `${request([line])}\n`)
      .join(''),
  );
  const temporary = join(journal.folder, 'tmp');
  mkdirSync(temporary);
  const { code, stdout } = await verify(['--otlp-file', path], { TMPDIR: temporary });
  expect(linesOf(stdout)).toEqual([
    'at the sink: 192 there, 160 of them twice',
    'consistent (unsigned): 1 stream, 32 records',
  ]);
  expect(code).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readFileSync(path).length).toBeGreaterThan(16 * 1024 * 1024);
});
