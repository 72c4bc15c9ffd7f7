import { type AuditRecord, canonicalRecord } from '@botaudit/record';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonRequest, protobufRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { record as anyRecord } from '../../packages/record/test/arbitraries.ts';
import { eventually } from '../support/eventually.ts';
import { startCollector } from './collectors.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch, Visitor } from './elasticsearches.ts';
import { changed, INDEXER_TOKEN, idOf, setUp, startWriter } from './indexers.ts';
import { bearer } from './sending.ts';

const RECORDS = 'logs-audit.otel-default';
const REJECTED = 'logs-audit.rejected-default';
const RESOURCE = { 'service.name': 'payments' };

let shared: SharedElasticsearch;
let auditor: Visitor;
let writerKey: string;

beforeAll(async () => {
  shared = await startElasticsearch();
  await setUp(shared.node);
  auditor = (await Visitor.withRole(shared.node, 'audit-auditor')).visitor;
  writerKey = (await Visitor.withRole(shared.node, 'audit-writer')).apiKey;
});
afterAll(() => stopElasticsearch(shared));

async function start(env: Readonly<Record<string, string>> = {}) {
  const { url } = await startWriter(shared.node, writerKey, env);
  /** Sends a request, again where that is asked for. */
  const post = (body: string | Uint8Array, type: string, token = INDEXER_TOKEN) => {
    const headers = { 'content-type': type, ...bearer(token) };
    return eventually('an answer other than 503', async () => {
      const { status } = await fetch(url, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
      return status === 503 ? undefined : status;
    });
  };
  return {
    url,
    post,
    send: (records: readonly AuditRecord[]) => post(JSON.stringify(jsonRequest(records, RESOURCE)), 'application/json'),
    sendProtobuf: (records: readonly AuditRecord[]) =>
      post(protobufRequest(records, RESOURCE), 'application/x-protobuf'),
  };
}

const byId = (records: readonly AuditRecord[]) => ({ ids: { values: records.map(idOf) } });
const find = (records: readonly AuditRecord[], stream = RECORDS) => auditor.search(stream, byId(records));
const reasons = async (records: readonly AuditRecord[]) =>
  (await find(records, REJECTED)).map(({ _source }) => {
    const { type, reason } = (_source as { rejected: { type: string; reason: string } }).rejected;
    return `${type}: ${reason}`;
  });

test('setting up again changes nothing, and a dry run tells what would be changed', async () => {
  const actions = async (options: Parameters<typeof setUp>[1] = {}) => {
    const { steps } = await setUp(shared.node, options);
    // This build of Elasticsearch has no request for the lifecycle of a data stream.
    return steps.filter(({ action }) => action !== 'unchanged' && action !== 'unavailable');
  };
  expect(await actions()).toEqual([]);
  const more = { env: { BOTAUDIT_INDEXER_RETENTION_DAYS: '400' }, dryRun: true };
  const change = { action: 'update', details: ['template.lifecycle.data_retention: none → "400d"'] };
  const changes = ['otel', 'rejected'].map((name) => ({ name: `index template logs-audit.${name}`, ...change }));
  expect(await actions(more)).toEqual(changes);
  expect(await actions(more)).toEqual(changes);

  await shared.node.request('PUT', '/_security/role/audit-auditor', {
    indices: [{ names: ['logs-audit.*'], privileges: ['read', 'delete'] }],
  });
  expect(await actions()).toMatchObject([{ name: 'role audit-auditor', action: 'update' }]);
  expect(await actions()).toEqual([]);
});

test('a record is stored once under its hash, however often it is sent, and found by what it says', async () => {
  const { send, sendProtobuf } = await start();
  const records = [auditRecord({ 'audit.actor.id': 'telegram:found' }), auditRecord({ 'audit.outcome': 'failure' })];
  expect(await send(records)).toBe(200);
  expect(await sendProtobuf(records)).toBe(200);
  expect(changed(await find(records))).toEqual([]);
  const found = async (query: object) => (await auditor.search(RECORDS, query)).map(({ _id }) => _id);
  const [first] = records as [AuditRecord];
  expect(await found({ term: { 'audit.actor.id': 'telegram:found' } })).toEqual([idOf(first)]);
  expect(await found({ term: { 'trace.id': first.traceId } })).toEqual([idOf(first)]);
  expect(await found({ bool: { filter: [byId(records), { term: { 'audit.outcome': 'failure' } }] } })).toHaveLength(1);
  const now = { bool: { filter: [byId(records), { range: { '@timestamp': { gte: Date.now() - 60_000 } } }] } };
  expect(await found(now)).toHaveLength(2);
  expect(
    await found({ bool: { filter: [byId(records), { term: { 'audit.ingest.principal': 'payments' } }] } }),
  ).toHaveLength(2);
});

test('any record comes back byte for byte, or stands with the rejected ones, byte for byte', async () => {
  const { send, sendProtobuf } = await start();
  const records = fc.sample(anyRecord, 300);
  expect(await send(records.slice(0, 150))).toBe(200);
  expect(await sendProtobuf(records.slice(150))).toBe(200);
  const stored = await find(records);
  expect(changed(stored)).toEqual([]);
  const rejected = (await find(records, REJECTED)) as { _id: string; _source: { rejected: { original: string } } }[];
  const originals = new Map(records.map((record) => [idOf(record), canonicalRecord(record)]));
  for (const { _id, _source } of rejected) expect(_source.rejected.original).toBe(originals.get(_id));
  expect(new Set([...stored, ...rejected].map(({ _id }) => _id))).toEqual(new Set(originals.keys()));
  expect(stored.length).toBeGreaterThan(100);
  console.log(`${records.length} records of any kind: ${stored.length} stored, ${rejected.length} rejected, 0 lost`);
});

test('a value of the wrong type rejects its record alone, with the reason', async () => {
  const { send } = await start();
  const bad = auditRecord({ 'audit.sequence.number': 'abc' });
  const good = [auditRecord(), auditRecord()];
  expect(await send([good[0]!, bad, good[1]!])).toBe(200);
  expect(await find([...good, bad])).toHaveLength(2);
  const [reason] = await reasons([bad]);
  expect(reason).toContain('failed to parse field [attributes.audit.sequence.number] of type [long]');
});

test('hostile records cost nothing but themselves, and what comes after them is found', async () => {
  const { send } = await start();
  const keys = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1]));
  const nested = (levels: number): AuditRecord['attributes'] =>
    levels === 0 ? { end: 1 } : { level: nested(levels - 1) };
  const hostile = [
    auditRecord(keys('k', 10_000)),
    auditRecord(keys('z', 10_000)),
    auditRecord({}, { body: keys('b', 6_000) }),
    auditRecord({ 'a.b': 1, a: { b: 'x' }, 'a..b': 1, '.': 1, '.c': 1, 'd.': 1 }),
    auditRecord(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"_id":"x","_source":1}')),
    auditRecord(nested(50)),
    auditRecord({}, { body: nested(50) }),
    auditRecord({ long: 'x'.repeat(100_000), ['n'.repeat(500)]: 1 }),
    auditRecord({ conflict: 1 }),
    auditRecord({ conflict: 'text' }),
    auditRecord({ conflict: { deeper: [1, 'x', true] } }),
  ];
  const refused = [
    auditRecord({ '': 1 }),
    auditRecord({ ' ': 1 }),
    auditRecord({ ['n'.repeat(60_000)]: 1 }),
    auditRecord({ large: 'x'.repeat(10_000_000) }),
  ];
  const after = auditRecord({ 'audit.target.id': 'telegram:after' });
  for (const record of [...hostile, ...refused]) expect(await send([record, auditRecord()])).toBe(200);
  expect(await send([after])).toBe(200);
  const stored = await find(hostile);
  expect(stored).toHaveLength(hostile.length);
  expect(changed(stored)).toEqual([]);
  expect(await find(refused)).toEqual([]);
  expect(await reasons(refused)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('cannot be an empty string'),
      expect.stringContaining('only whitespace'),
      expect.stringContaining('too large'),
      expect.stringMatching(/^invalid_record: a record of 10\d{6} bytes/),
    ]),
  );
  expect(await auditor.search(RECORDS, { term: { 'audit.target.id': 'telegram:after' } })).toHaveLength(1);
});

test('what is not allowed, or no request, is refused, and nothing of it is stored', async () => {
  const { post } = await start();
  const record = auditRecord();
  const json = JSON.stringify(jsonRequest([record], RESOURCE));
  expect(await post(json, 'application/json', 'token-of-another')).toBe(401);
  expect(await post(json.slice(0, -1), 'application/json')).toBe(400);
  expect(await post(protobufRequest([record]).subarray(0, -1), 'application/x-protobuf')).toBe(400);
  expect(await find([record])).toEqual([]);
});

test('records come through a collector as they were sent', async () => {
  const { url } = await start();
  const env = { AUDIT_FORWARD_URL: url, AUDIT_FORWARD_TOKEN: INDEXER_TOKEN };
  const { collector, token } = await startCollector({ overlays: ['forward'], env });
  const records = fc
    .sample(anyRecord, 50)
    .filter(({ attributes }) => !Object.keys(attributes).some((key) => !key.trim()));
  const answer = await fetch(collector.url, {
    method: 'POST',
    body: JSON.stringify(jsonRequest(records, RESOURCE)),
    headers: { 'content-type': 'application/json', ...bearer(token) },
  });
  expect(answer.status).toBe(200);
  const all = async () => [...(await find(records)), ...(await find(records, REJECTED))];
  await eventually('all of them in Elasticsearch', async () => (await all()).length === records.length || undefined);
  expect(changed(await find(records))).toEqual([]);
});

/** An action on the records, and who may do it. */
const RIGHTS: readonly (readonly [
  what: string,
  method: string,
  path: string,
  body: object | undefined,
  allowed: string,
])[] = [
  ['add', 'POST', `${RECORDS}/_create/<new>`, { '@timestamp': '1.000000' }, 'writer setup'],
  ['read', 'GET', `${RECORDS}/_search`, undefined, 'auditor'],
  ['count', 'GET', `${RECORDS}/_count`, undefined, 'auditor'],
  ['get', 'GET', `<index>/_doc/<id>`, undefined, 'auditor'],
  ['overwrite', 'PUT', `<index>/_doc/<id>`, { '@timestamp': '1.000000' }, ''],
  ['update', 'POST', `<index>/_update/<id>`, { doc: { event_name: 'x' } }, ''],
  ['update by query', 'POST', `${RECORDS}/_update_by_query`, {}, ''],
  ['delete', 'DELETE', `<index>/_doc/<id>`, undefined, ''],
  ['delete by query', 'POST', `${RECORDS}/_delete_by_query`, { query: { match_all: {} } }, ''],
  ['change the mapping', 'PUT', `${RECORDS}/_mapping`, { properties: {} }, 'setup'],
  ['change settings', 'PUT', `${RECORDS}/_settings`, { 'index.refresh_interval': '1s' }, 'setup'],
  ['roll over', 'POST', `${RECORDS}/_rollover?dry_run=true`, undefined, 'setup'],
  ['change a template', 'PUT', '_component_template/logs-audit.otel@custom', { template: {} }, 'setup'],
  ['change a role', 'PUT', '_security/role/audit-writer', { cluster: ['all'] }, ''],
  ['take rights', 'PUT', '_security/user/me', { password: 'secret-secret', roles: ['superuser'] }, ''],
  ['read the rejected ones', 'GET', `${REJECTED}/_search`, undefined, 'auditor'],
];

test('the writer only adds, the auditor only reads, and nobody but the role that sets up deletes', async () => {
  const { send } = await start();
  const record = auditRecord();
  await send([record]);
  const [document] = await find([record]);
  const visitors = new Map<string, Visitor>();
  for (const role of ['writer', 'auditor', 'setup']) {
    visitors.set(role, (await Visitor.withRole(shared.node, `audit-${role}`)).visitor);
  }
  const index = document?._index ?? '';
  for (const [what, method, path, body, allowed] of RIGHTS) {
    const who: string[] = [];
    for (const [role, visitor] of visitors) {
      const target = path.replace('<new>', role).replace('<id>', idOf(record)).replace('<index>', index);
      const { status } = await visitor.request(method, `/${target}`, body);
      if (status < 300) who.push(role);
      // 400: a data stream takes nothing but new documents, whoever sends.
      else expect(what === 'overwrite' ? [400, 403] : [403]).toContain(status);
    }
    expect(`${what}: ${who.join(' ')}`).toBe(`${what}: ${allowed}`);
  }
  expect(await find([record])).toEqual([document]);

  // The newest index of a data stream can't be deleted, whoever asks.
  await shared.node.request('POST', `/${RECORDS}/_rollover`);
  const deletions = [];
  for (const [role, visitor] of visitors) deletions.push([role, (await visitor.request('DELETE', `/${index}`)).status]);
  expect(deletions).toEqual([
    ['writer', 403],
    ['auditor', 403],
    ['setup', 200],
  ]);
});
