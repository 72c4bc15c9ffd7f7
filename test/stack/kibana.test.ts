import { type AttributeMap, type AuditRecord, CATALOGUE, type EventName } from '@botaudit/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { eventually } from '../support/eventually.ts';
import { type KibanaRequest, readSavedObjects, requestsOf } from '../support/kibana.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch, Visitor } from './elasticsearches.ts';
import { INDEXER_TOKEN, setUp, startWriter } from './indexers.ts';
import { bearer } from './sending.ts';

const RECORDS = 'logs-audit.otel-default';
const REJECTED = 'logs-audit.rejected-default';

const names = Object.keys(CATALOGUE) as EventName[];
const highRisk = names.filter((name) => CATALOGUE[name].risk === 'high');

const record = (eventName: EventName, attributes: AttributeMap = {}): AuditRecord =>
  auditRecord({ 'audit.action': CATALOGUE[eventName].verb, ...attributes }, { eventName });

/** One of everything that the searches and panels look for. */
const events = names.map((name) => record(name));
const attempt = record('bot.member.ban', { 'bot.action.stage': 'attempt', 'audit.outcome': 'unknown' });
const failures = [
  record('bot.payment.refund', { 'audit.outcome': 'failure', 'error.type': '400', 'error.message': 'CHARGE_REFUNDED' }),
  record('bot.message.send', { 'audit.outcome': 'failure', 'error.type': '403' }),
];
const command = record('bot.command', { 'bot.command.name': 'ban' });
const cut = record('bot.message.send', {
  'bot.truncated': [{ name: 'text', length: 300_000, sha256: '0f'.repeat(32) }],
});
const held = record('bot.message.send', { 'bot.clock.held': true });
const stored = [...events, attempt, ...failures, command, cut, held];
const refused = record('bot.message.send', { 'audit.sequence.number': 'abc' });

/** How many records each search finds. */
const FOUND: Readonly<Record<string, number>> = {
  'botaudit-done': stored.length - 1,
  'botaudit-high-risk': highRisk.length + 2,
  'botaudit-failed': 2,
  'botaudit-failed-high-risk': 1,
  'botaudit-integrity-events': 5,
  'botaudit-cut': 2,
  'botaudit-rejected-records': 1,
};

/** What each panel that is one number shows. */
const NUMBERS: Readonly<Record<string, number>> = {
  'botaudit-subject-records': stored.length - 1,
  'botaudit-subject-high-risk': highRisk.length + 1,
  'botaudit-subject-failed': 2,
  'botaudit-integrity-lost': 1,
  'botaudit-integrity-recovered': 1,
  'botaudit-integrity-removed': 1,
  'botaudit-integrity-rejected': 1,
};

const objects = await readSavedObjects();
const MINUTE = 60_000;
const around = (time: number) => [time - 10 * MINUTE, time + 10 * MINUTE].map((at) => new Date(at).toISOString());
const requests = requestsOf(objects, around(Date.now()) as [string, string]);

let shared: SharedElasticsearch;
let auditor: Visitor;

/** Kibana's user has no more rights than an auditor. */
async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await auditor.request(body ? 'POST' : 'GET', path, body);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

interface SearchAnswer {
  readonly _shards: { readonly failed: number };
  readonly hits: { readonly total: { readonly value: number } };
  readonly aggregations?: Readonly<Record<string, Aggregation>>;
}

interface Aggregation {
  readonly value?: number;
  readonly buckets?: readonly Readonly<Record<string, Aggregation>>[];
}

async function run({ index, body }: KibanaRequest): Promise<SearchAnswer> {
  const answer = (await ask(`/${index}/_search?track_total_hits=true`, body)) as SearchAnswer;
  expect(answer._shards.failed).toBe(0);
  return answer;
}

beforeAll(async () => {
  shared = await startElasticsearch();
  await setUp(shared.node);
  auditor = (await Visitor.withRole(shared.node, 'audit-auditor')).visitor;
});
afterAll(() => stopElasticsearch(shared));

test('every search, panel and control finds what it is for', { timeout: 300_000 }, async () => {
  const { apiKey } = await Visitor.withRole(shared.node, 'audit-writer');
  const { url } = await startWriter(shared.node, apiKey);
  const body = JSON.stringify(jsonRequest([...stored, refused], { 'service.name': 'payments', 'host.name': 'host-1' }));
  await eventually('the records to be taken', async () => {
    const headers = { 'content-type': 'application/json', ...bearer(INDEXER_TOKEN) };
    return (await fetch(url, { method: 'POST', body, headers })).status === 200 || undefined;
  });
  expect(await auditor.search(RECORDS)).toHaveLength(stored.length);
  expect(await auditor.search(REJECTED)).toHaveLength(1);

  const found: Record<string, number> = {};
  const numbers: Record<string, number | undefined> = {};
  const empty: string[] = [];
  for (const request of requests) {
    const { hits, aggregations } = await run(request);
    if (!aggregations) found[request.id] = hits.total.value;
    else if (aggregations.value?.buckets === undefined && aggregations.value) {
      numbers[request.id] = aggregations.value.value;
    } else if (!isFilled(aggregations)) empty.push(request.id);
  }
  expect(found).toEqual(FOUND);
  expect(numbers).toEqual(NUMBERS);
  expect(empty).toEqual([]);
  console.log(`${requests.length} queries of ${objects.length} saved objects found what they are for`);
});

/** Whether there is a bucket at every level, with a value in it. */
function isFilled(aggregations: Readonly<Record<string, Aggregation>>): boolean {
  return Object.values(aggregations).every(({ buckets, value }) => {
    if (!buckets) return value !== undefined && value !== null && value > 0;
    const inner = (bucket: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(bucket).filter(([, part]) => typeof part === 'object' && part !== null),
      ) as Readonly<Record<string, Aggregation>>;
    return buckets.length > 0 && buckets.every((bucket) => isFilled(inner(bucket)));
  });
}

test('every field that is named is in the mapping, and can be searched and counted', async () => {
  const byIndex = Map.groupBy(requests, ({ index }) => index);
  expect([...byIndex.keys()].sort()).toEqual(['logs-audit.otel-*', 'logs-audit.rejected-*']);
  for (const [index, of] of byIndex) {
    const fields = [...new Set(of.flatMap((request) => request.fields))];
    const answer = (await ask(`/${index}/_field_caps?fields=${fields.join()}`)) as {
      fields: Record<string, Record<string, { searchable: boolean; aggregatable: boolean }>>;
    };
    const unfit = fields.filter((field) => {
      const types = Object.values(answer.fields[field] ?? {});
      return types.length !== 1 || !types[0]?.searchable || !types[0].aggregatable;
    });
    expect(unfit).toEqual([]);
  }
});
