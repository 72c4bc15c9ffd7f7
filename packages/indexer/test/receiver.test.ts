import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { makeCertificates } from '../../../test/stack/certificates.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { FakeElasticsearch } from './support/fake-elasticsearch.js';
import { RESOURCE, TestIndexer, TOKEN } from './support/indexer.js';
import { jsonRequest, protobufRequest } from './support/otlp.js';
import { auditRecord } from './support/records.js';

const RECORDS = 'logs-audit.otel-default';
const REJECTED = 'logs-audit.rejected-default';
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const GZIP = { 'content-encoding': 'gzip' };

async function start(env: Readonly<Record<string, string>> = {}) {
  const elasticsearch = await FakeElasticsearch.start();
  const indexer = await TestIndexer.start(elasticsearch.url, env);
  return { elasticsearch, indexer };
}

const body = (...records: ReturnType<typeof auditRecord>[]) => JSON.stringify(jsonRequest(records, RESOURCE));
const bytes = (text: string | Uint8Array) => new Uint8Array(Buffer.from(text));

test('records are taken in JSON and protobuf, with gzip and without, on both paths', async () => {
  const { elasticsearch, indexer } = await start();
  const inProtobuf = () => bytes(protobufRequest([auditRecord()], RESOURCE));
  const answers = [
    await indexer.post(body(auditRecord())),
    await indexer.post(body(auditRecord()), { 'content-type': 'application/json; charset=utf-8' }, '/v1/logs'),
    await indexer.post(bytes(gzipSync(body(auditRecord()))), GZIP),
    await indexer.post(inProtobuf(), PROTOBUF),
    await indexer.post(bytes(gzipSync(inProtobuf())), { ...PROTOBUF, ...GZIP }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(answers[3]?.headers.get('content-type')).toBe('application/x-protobuf');
  expect((await answers[3]?.arrayBuffer())?.byteLength).toBe(0);
  expect(elasticsearch.stored(RECORDS).size).toBe(5);
});

test.each<[string, number, Parameters<TestIndexer['post']>]>([
  ['no token', 401, [body(), { authorization: '' }]],
  ['a wrong token', 401, [body(), { authorization: `Bearer ${TOKEN}x` }]],
  ['another scheme', 401, [body(), { authorization: `Basic ${TOKEN}` }]],
  ['another path', 404, [body(), {}, '/v1/traces']],
  ['another type', 415, [body(), { 'content-type': 'text/plain' }]],
  ['another encoding', 415, [body(), { 'content-encoding': 'br' }]],
  ['no JSON', 400, ['{']],
  ['no protobuf', 400, [bytes('\x0a\xff'), PROTOBUF]],
  ['no gzip', 400, [body(), GZIP]],
  ['half a gzip', 400, [bytes(gzipSync(body()).subarray(0, 15)), GZIP]],
  ['64 MB', 413, [new Uint8Array(64e6)]],
  ['a gzip bomb', 413, [bytes(gzipSync(Buffer.alloc(64e6))), GZIP]],
])('a request with %s is refused with %i, and says why', async (_, status, sent) => {
  const { elasticsearch, indexer } = await start();
  const answer = await indexer.post(...sent);
  expect(answer.status).toBe(status);
  const text = Buffer.from(await answer.arrayBuffer());
  if (answer.headers.get('content-type') === 'application/json') {
    expect(JSON.parse(text.toString()).message).toEqual(expect.any(String));
  } else expect(protobuf.Reader.create(text).tag()).toBe(8);
  expect(await indexer.metric(`audit_indexer_requests_total{status="${status}"}`)).toBe(1);
  expect(await indexer.metric('audit_indexer_pending_bytes')).toBe(0);
  expect(elasticsearch.requests).toEqual([]);
  expect((await indexer.send([auditRecord()])).status).toBe(200);
});

test('a method other than POST is refused', async () => {
  const { indexer } = await start();
  const answer = await fetch(indexer.running.url, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(answer.status).toBe(405);
});

test('a request without an announced length is bounded as well', async () => {
  const { indexer } = await start();
  const { hostname, port } = new URL(indexer.running.url);
  const socket = connect(Number(port), hostname);
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const head = ['POST /v1/audit HTTP/1.1', 'host: x', `authorization: Bearer ${TOKEN}`, 'transfer-encoding: chunked'];
  socket.write(`${head.join('\r\n')}\r\ncontent-type: application/json\r\n\r\n`);
  const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
  for (let megabytes = 0; megabytes < 17; megabytes++) socket.write(chunk);
  await eventually('an answer', () => said.includes('\r\n\r\n') || undefined);
  socket.destroy();
  expect(said).toMatch(/^HTTP\/1\.1 413/);
  expect(await indexer.metric('audit_indexer_requests_refused_total{reason="too_large"}')).toBe(1);
});

test('a sender that is refused early may write to the end, and reads the answer', async () => {
  const { indexer } = await start();
  const { hostname, port } = new URL(indexer.running.url);
  const bytes = 32 * 1024 * 1024;
  for (const [token, status] of [
    [TOKEN, 413],
    [`${TOKEN}x`, 401],
  ] as const) {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const head = ['POST /v1/audit HTTP/1.1', 'host: x', `authorization: Bearer ${token}`, `content-length: ${bytes}`];
    socket.write(`${head.join('\r\n')}\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n`);
    // An error of the connection rejects.
    for (let written = 0; written < bytes; written += 0x100000) {
      if (!socket.write(' '.repeat(0x100000))) await once(socket, 'drain');
    }
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  }
});

test('what lacks a mandatory attribute, or is too large, goes to the rejected ones; the others are stored', async () => {
  const { elasticsearch, indexer } = await start();
  const anonymous = auditRecord({ 'audit.actor.id': '', 'audit.outcome': 1 });
  const large = auditRecord({ text: 'x'.repeat(300_000) });
  const huge = auditRecord({ text: 'é'.repeat(5_000_000) });
  const notARecord = { timeUnixNano: '1', body: { stringValue: 'a line of a log' } };
  const sent = jsonRequest([auditRecord(), anonymous, large, huge, auditRecord()], RESOURCE);
  const [{ scopeLogs }] = (sent as { resourceLogs: [{ scopeLogs: [{ logRecords: object[] }] }] }).resourceLogs;
  scopeLogs[0].logRecords.push(notARecord);
  expect((await indexer.post(JSON.stringify(sent))).status).toBe(200);
  expect(elasticsearch.stored(RECORDS).size).toBe(2);
  const rejected = [...elasticsearch.stored(REJECTED).values()].map((json) => JSON.parse(json).rejected);
  expect(rejected.map(({ type, reason }) => `${type}: ${reason}`)).toEqual([
    'invalid_record: bot.member.ban lacks audit.actor.id, audit.outcome',
    expect.stringMatching(/^invalid_record: a record of 30\d{4} bytes; 262144 is the most$/),
    expect.stringMatching(/^invalid_record: a record of 10\d{6} bytes/),
    'not_a_record: no eventName',
  ]);
  expect(JSON.parse(rejected[3].original)).toEqual(notARecord);
});

test('who sent a record stands beside it, and is alerted on where it is not its service', async () => {
  const { elasticsearch, indexer } = await start({
    BOTAUDIT_INDEXER_TOKENS: `payments=${TOKEN},gateway=token-of-the-gateway`,
    BOTAUDIT_INDEXER_SERVICES: 'gateway=bots-* payments',
  });
  const gateway = { authorization: 'Bearer token-of-the-gateway' };
  const send = (service: string, headers = {}) =>
    indexer.post(JSON.stringify(jsonRequest([auditRecord()], { 'service.name': service })), headers);
  await send('payments');
  await send('bots-eu', gateway);
  await send('payments', gateway);
  expect(await indexer.metric('audit_indexer_principal_mismatches_total{principal="gateway"}')).toBeUndefined();
  await send('other', gateway);
  await send('bots-eu');
  const principals = [...elasticsearch.stored(RECORDS).values()].map((json) => JSON.parse(json).audit.ingest.principal);
  expect(principals).toEqual(['payments', 'gateway', 'gateway', 'gateway', 'payments']);
  for (const principal of ['gateway', 'payments']) {
    expect(await indexer.metric(`audit_indexer_principal_mismatches_total{principal="${principal}"}`)).toBe(1);
  }
});

test('tokens are files of a folder, and change while the indexer runs', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, '..data'));
  await writeFile(join(folder, 'payments'), 'an-old-token-of-payments\na-newer-token-of-payments\n');
  const { indexer } = await start({ BOTAUDIT_INDEXER_TOKENS: '', BOTAUDIT_INDEXER_TOKENS_DIRECTORY: folder });
  const status = async (token: string) => (await indexer.post(body(), { authorization: `Bearer ${token}` })).status;
  expect(await status('an-old-token-of-payments')).toBe(200);
  expect(await status('a-newer-token-of-payments')).toBe(200);
  await writeFile(join(folder, 'payments'), 'the-newest-token-of-payments');
  await writeFile(join(folder, 'orders'), 'the-token-of-the-orders');
  await eventually('the new token', async () => (await status('the-token-of-the-orders')) === 200 || undefined);
  expect(await status('the-newest-token-of-payments')).toBe(200);
  expect(await status('an-old-token-of-payments')).toBe(401);
});

test('over TLS; without tokens the client certificate says who sends', async () => {
  const folder = await temporaryFolder();
  await makeCertificates(folder);
  const file = (name: string) => join(folder, name);
  const { elasticsearch, indexer } = await start({
    BOTAUDIT_INDEXER_TOKENS: '',
    BOTAUDIT_INDEXER_CERTIFICATE: file('server.pem'),
    BOTAUDIT_INDEXER_KEY: file('server-key.pem'),
    BOTAUDIT_INDEXER_CLIENT_CA: file('ca.pem'),
  });
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'client.pem', 'client-key.pem'].map((name) => readFile(file(name))),
  );
  const send = (tls: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false, ...tls };
      const sent = request(indexer.running.url, options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(body(auditRecord()));
    });
  expect(indexer.running.url).toMatch(/^https:/);
  await expect(send({ ca })).rejects.toThrow();
  const stranger = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=client',
  ];
  execFileSync('openssl', [...stranger, '-keyout', 'other-key.pem', '-out', 'other.pem'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const other = { cert: await readFile(file('other.pem')), key: await readFile(file('other-key.pem')) };
  await expect(send({ ca, ...other })).rejects.toThrow();
  expect(await send({ ca, cert, key })).toBe(200);
  const [stored] = elasticsearch.stored(RECORDS).values();
  expect(JSON.parse(stored ?? '{}').audit.ingest.principal).toBe('client');
});

test('health and metrics have an address of their own', async () => {
  const { indexer } = await start();
  const at = (path: string) => fetch(`${indexer.running.adminUrl}${path}`);
  expect((await at('/healthz')).status).toBe(200);
  expect((await at('/other')).status).toBe(404);
  expect((await at('/metrics')).headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect((await fetch(new URL('/metrics', indexer.running.url))).status).toBe(404);
});
