import { hash } from 'node:crypto';
import { canonicalRecord } from '@botaudit/record';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeElasticsearch, type Saying } from './support/fake-elasticsearch.js';
import { TestIndexer, TOKEN } from './support/indexer.js';
import { jsonRequest } from './support/otlp.js';
import { auditRecord } from './support/records.js';

const RECORDS = 'logs-audit.otel-default';
const REJECTED = 'logs-audit.rejected-default';
/** A short wait for Elasticsearch, where a test waits for its end. */
const IMPATIENT = { BOTAUDIT_INDEXER_TIMEOUT_MS: '400' };
/** Room for a few requests of 200 records. */
const SMALL = {
  BOTAUDIT_INDEXER_MAX_PENDING_BYTES: '1 MiB',
  BOTAUDIT_INDEXER_MAX_REQUEST_BYTES: '512 KiB',
  BOTAUDIT_INDEXER_TIMEOUT_MS: '60000',
};

async function start(env: Readonly<Record<string, string>> = {}) {
  const elasticsearch = await FakeElasticsearch.start();
  const indexer = await TestIndexer.start(elasticsearch.url, env);
  return { elasticsearch, indexer };
}

const idOf = (record: ReturnType<typeof auditRecord>) => hash('sha256', canonicalRecord(record));
const records = (count: number) => Array.from({ length: count }, () => auditRecord());

test('a record is stored under its hash, and sent again it is there already', async () => {
  const { elasticsearch, indexer } = await start();
  const sent = records(3);
  const first = await indexer.send(sent);
  expect([first.status, await first.json()]).toEqual([200, { partialSuccess: {} }]);
  expect([...elasticsearch.stored(RECORDS).keys()]).toEqual(sent.map(idOf));
  expect((await indexer.send(sent)).status).toBe(200);
  expect(await indexer.metric('audit_indexer_records_total{result="stored"}')).toBe(3);
  expect(await indexer.metric('audit_indexer_records_total{result="known"}')).toBe(3);
  const event = 'audit_indexer_events_total{bot_id="telegram:7",event="bot.member.ban",action="BAN",outcome="success"}';
  expect(await indexer.metric(event)).toBe(3);
});

test('attempts are not counted as events', async () => {
  const { indexer } = await start();
  await indexer.send([auditRecord({ 'bot.action.stage': 'attempt' }), auditRecord({ 'bot.action.stage': 'outcome' })]);
  const event = 'audit_indexer_events_total{bot_id="telegram:7",event="bot.member.ban",action="BAN",outcome="success"}';
  expect(await indexer.metric(event)).toBe(1);
});

test.each<[string, Saying]>([
  ['a cluster full of shards', { status: 400, type: 'validation_exception' }],
  ['a closed index', { status: 400, type: 'index_closed_exception' }],
  ['a full queue', { status: 429, type: 'es_rejected_execution_exception' }],
  ['a full disk', { status: 429, type: 'cluster_block_exception' }],
  ['an index without its primary', { status: 503, type: 'unavailable_shards_exception' }],
  ['a missing right', { status: 403, type: 'security_exception' }],
])('%s is nobody’s fault: the record is tried again, the others are stored once', async (_, trouble) => {
  const { elasticsearch, indexer } = await start();
  elasticsearch.behaviour = (_documents, request) => (request === 0 ? [{ status: 201 }, trouble] : undefined);
  expect((await indexer.send(records(3))).status).toBe(200);
  expect(elasticsearch.requests.map(({ length }) => length)).toEqual([3, 1]);
  expect(elasticsearch.stored(RECORDS).size).toBe(3);
  expect(elasticsearch.stored(REJECTED).size).toBe(0);
});

test.each([
  [429, '{"error":{"reason":"too many"}}', true, 'throttled'],
  [503, 'overloaded', true, 'unavailable'],
  [401, '{"error":{"reason":"unable to authenticate"}}', true, 'unauthorized'],
  [403, '{"error":{"reason":"not allowed"}}', true, 'forbidden'],
  [404, '{"error":{"reason":"no such index"}}', true, 'not_set_up'],
  [400, '{"error":{"reason":"no"}}', true, 'unexpected'],
  [200, '<html>sign in</html>', false, 'unexpected'],
  [200, '{"errors":false,"items":[]}', true, 'unexpected'],
  [302, '', false, 'unexpected'],
])('an answer of %i %s costs no record', async (status, body, isElasticsearch, reason) => {
  const { elasticsearch, indexer } = await start();
  elasticsearch.behaviour = (_, request) => (request === 0 ? { status, body, isElasticsearch } : undefined);
  expect((await indexer.send(records(2))).status).toBe(200);
  expect(elasticsearch.stored(RECORDS).size).toBe(2);
  expect(elasticsearch.stored(REJECTED).size).toBe(0);
  expect(await indexer.metric(`audit_indexer_elasticsearch_errors_total{reason="${reason}"}`)).toBe(1);
  expect(indexer.said.some((line) => line.includes('takes records again'))).toBe(true);
});

test('a refused record goes to the rejected ones, with its reason, and the sender hears success', async () => {
  const { elasticsearch, indexer } = await start();
  const sent = records(3);
  const bad = { status: 400, type: 'document_parsing_exception', reason: 'failed to parse field [x]' };
  elasticsearch.behaviour = (documents) =>
    documents.map(({ id, stream }) => (stream === RECORDS && id === idOf(sent[1]!) ? bad : { status: 201 }));
  expect((await indexer.send(sent)).status).toBe(200);
  expect(elasticsearch.stored(RECORDS).size).toBe(2);
  const copy = elasticsearch.stored(REJECTED).get(idOf(sent[1]!));
  expect(JSON.parse(copy ?? '{}')).toMatchObject({
    event_name: 'bot.member.ban',
    record_id: sent[1]!.attributes['audit.record.id'],
    rejected: { type: bad.type, reason: bad.reason, original: canonicalRecord(sent[1]!) },
    service: { name: 'payments' },
    audit: { ingest: { principal: 'payments' } },
  });
  expect(await indexer.metric('audit_indexer_records_total{result="rejected"}')).toBe(1);
});

test('what went to the failure store is not where it belongs', async () => {
  const { elasticsearch, indexer } = await start();
  elasticsearch.behaviour = (documents) =>
    documents.map(({ stream }) => ({ status: 201, ...(stream === RECORDS && { failureStore: 'used' }) }));
  expect((await indexer.send(records(1))).status).toBe(200);
  expect(elasticsearch.stored(REJECTED).size).toBe(1);
});

test('a record of which not even the copy can be stored stays with its sender', async () => {
  const { elasticsearch, indexer } = await start();
  elasticsearch.behaviour = (documents) => documents.map(() => ({ status: 400, type: 'mapper_exception' }));
  const answer = await indexer.send(records(1));
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a request too large for Elasticsearch is split', async () => {
  const { elasticsearch, indexer } = await start();
  elasticsearch.behaviour = (documents) => (documents.length > 3 ? { status: 413, body: '' } : undefined);
  expect((await indexer.send(records(10))).status).toBe(200);
  expect(elasticsearch.stored(RECORDS).size).toBe(10);
});

test('nothing is written to a data stream that nobody has set up', async () => {
  const { elasticsearch, indexer } = await start(IMPATIENT);
  elasticsearch.isSetUp = false;
  const again = await TestIndexer.start(elasticsearch.url, IMPATIENT);
  expect((await again.send(records(1))).status).toBe(503);
  expect(elasticsearch.requests).toEqual([]);
  expect(again.said.join()).toContain('botaudit index --setup');
  expect((await fetch(`${again.running.adminUrl}/readyz`)).status).toBe(503);
  elasticsearch.isSetUp = true;
  await eventually('records are taken', async () => (await again.send(records(1))).status === 200 || undefined);
  await eventually('ready', async () => (await fetch(`${again.running.adminUrl}/readyz`)).ok || undefined);
  expect((await fetch(`${indexer.running.adminUrl}/healthz`)).status).toBe(200);
});

test('a sender is told to come again when Elasticsearch takes too long, and what it sent is not sent twice', async () => {
  const { elasticsearch, indexer } = await start(IMPATIENT);
  elasticsearch.behaviour = () => ({ status: 503, body: '' });
  const sent = records(2);
  const answer = await indexer.send(sent);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 14 });
  elasticsearch.behaviour = () => undefined;
  await eventually('stored', async () => (await indexer.send(sent)).status === 200 || undefined);
  expect(elasticsearch.stored(RECORDS).size).toBe(2);
  await eventually(
    'nothing waits',
    async () => (await indexer.metric('audit_indexer_pending_bytes')) === 0 || undefined,
  );
});

test('memory is bounded: what has no room is not read until there is some', async () => {
  const { elasticsearch, indexer } = await start(SMALL);
  let down = true;
  elasticsearch.behaviour = () => (down ? { status: 503, body: '' } : undefined);
  const waiting = Array.from({ length: 20 }, () => indexer.send(records(200)));
  const pending = () => indexer.metric('audit_indexer_pending_bytes');
  await eventually('no room', async () => ((await pending()) ?? 0) > 512 * 1024 || undefined);
  expect(await indexer.metric('audit_indexer_pending_records')).toBeLessThan(10 * 200);
  expect(await pending()).toBeLessThan(2 * 1024 * 1024);
  down = false;
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 200));
  expect(elasticsearch.stored(RECORDS).size).toBe(20 * 200);
  expect(await pending()).toBe(0);
});

test('what gets no room in time is refused unread, and its connection closed', async () => {
  const { elasticsearch, indexer } = await start({ ...SMALL, BOTAUDIT_INDEXER_TIMEOUT_MS: '1000' });
  elasticsearch.behaviour = () => 'silence';
  // Nobody waits longer than for this, however much has come in before.
  const answers = await Promise.all(Array.from({ length: 20 }, () => indexer.send(records(200))));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  const closed = answers.filter(({ headers }) => headers.get('connection') === 'close');
  expect(closed.length).toBe(await indexer.metric('audit_indexer_requests_refused_total{reason="full"}'));
  expect(closed.length).toBeGreaterThan(5);
  expect(answers.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true);
});

test('a sender that has gone is not worked for', async () => {
  const { elasticsearch, indexer } = await start({ BOTAUDIT_INDEXER_TIMEOUT_MS: '60000' });
  elasticsearch.behaviour = () => ({ status: 503, body: '' });
  const gone = new AbortController();
  const body = JSON.stringify(jsonRequest(records(5)));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const waiting = fetch(indexer.running.url, { method: 'POST', body, headers, signal: gone.signal });
  await eventually('waiting', async () => (await indexer.metric('audit_indexer_pending_records')) === 5 || undefined);
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await eventually('forgotten', async () => (await indexer.metric('audit_indexer_pending_bytes')) === 0 || undefined);
});

test('a stop waits for what is under way, and leaves the rest to its senders', async () => {
  const { elasticsearch, indexer } = await start({ BOTAUDIT_INDEXER_STOP_TIMEOUT_MS: '300' });
  elasticsearch.behaviour = () => 'silence';
  const answer = indexer.send(records(1));
  await eventually('under way', () => (elasticsearch.requests.length > 0 ? true : undefined));
  await indexer.running.stop();
  expect((await answer).status).toBe(503);
  await expect(indexer.send(records(1))).rejects.toThrow();
});
