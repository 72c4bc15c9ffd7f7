import type { AuditRecord } from '@botaudit/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { eventually } from '../support/eventually.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch, Visitor } from './elasticsearches.ts';
import { changed, INDEXER_TOKEN, idOf, setUp, startWriter } from './indexers.ts';
import { bearer } from './sending.ts';

const RECORDS = 'logs-audit.otel-default';

let shared: SharedElasticsearch;
let writerKey: string;
beforeAll(async () => {
  shared = await startElasticsearch();
  await setUp(shared.node);
  writerKey = (await Visitor.withRole(shared.node, 'audit-writer')).apiKey;
});
afterAll(() => stopElasticsearch(shared));

/** Senders that send each request until it is accepted, as a shipper and a collector do. */
class Senders {
  readonly accepted: AuditRecord[] = [];
  /** How often each status was heard; 0 is a broken connection. */
  readonly statuses = new Map<number, number>();
  readonly #working: Promise<void>[];
  #isStopped = false;

  constructor(url: string, count: number) {
    this.#working = Array.from({ length: count }, () => this.#work(url));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#working);
  }

  async #work(url: string): Promise<void> {
    while (!this.#isStopped) {
      const records = Array.from({ length: 50 }, () => auditRecord());
      const body = JSON.stringify(jsonRequest(records, { 'service.name': 'payments' }));
      const headers = { 'content-type': 'application/json', ...bearer(INDEXER_TOKEN) };
      await eventually(
        'acceptance',
        async () => {
          const status = await fetch(url, { method: 'POST', body, headers }).then(
            (answer) => answer.status,
            () => 0,
          );
          this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
          return status === 200 || undefined;
        },
        300_000,
      );
      this.accepted.push(...records);
    }
  }
}

async function storedIds(): Promise<Set<string>> {
  await shared.node.request('POST', `/${RECORDS}/_refresh`);
  const { _scroll_id: first, hits } = await page('POST', `/${RECORDS}/_search?scroll=1m`, { size: 5_000 });
  const ids = new Set<string>();
  for (let found = hits.hits; found.length > 0; ) {
    expect(changed(found)).toEqual([]);
    for (const { _id } of found) {
      expect(ids.has(_id)).toBe(false);
      ids.add(_id);
    }
    found = (await page('POST', '/_search/scroll', { scroll: '1m', scroll_id: first })).hits.hits;
  }
  return ids;
}

async function page(method: string, path: string, body: object) {
  const answer = await shared.node.request(method, path, body);
  return (await answer.json()) as { _scroll_id: string; hits: { hits: { _id: string; _source: unknown }[] } };
}

test.each(['stop', 'kill'] as const)(
  'Elasticsearch ends by %s and comes back while records flow: each accepted record is there, once',
  async (how) => {
    const indexer = await startWriter(shared.node, writerKey, { BOTAUDIT_INDEXER_TIMEOUT_MS: '2000' });
    const senders = new Senders(indexer.url, 4);
    await eventually('records flow', () => senders.accepted.length > 1000 || undefined);
    await shared.node[how]();
    await eventually('senders told to come again', () => senders.statuses.has(503) || undefined);
    expect((await fetch(`${indexer.adminUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${indexer.adminUrl}/readyz`)).status).toBe(503);
    await shared.node.resume();
    const before = senders.accepted.length;
    await eventually('records flow again', () => senders.accepted.length > before + 1000 || undefined, 120_000);
    await senders.stop();
    const stored = await storedIds();
    expect(senders.accepted.filter((record) => !stored.has(idOf(record)))).toEqual([]);
    expect((await fetch(`${indexer.adminUrl}/readyz`)).status).toBe(200);
    const heard = [...senders.statuses].map(([status, count]) => `${status} × ${count}`).join(', ');
    console.log(`${how}: ${senders.accepted.length} records accepted, 0 lost; senders heard ${heard}`);
  },
);

test('an indexer that starts before Elasticsearch takes records as soon as it is there', async () => {
  await shared.node.stop();
  const indexer = await startWriter(shared.node, writerKey);
  const senders = new Senders(indexer.url, 1);
  await eventually('a sender told to come again', () => senders.statuses.has(503) || undefined);
  await shared.node.resume();
  await eventually('records flow', () => senders.accepted.length > 0 || undefined, 120_000);
  await senders.stop();
  const stored = await storedIds();
  expect(senders.accepted.filter((record) => !stored.has(idOf(record)))).toEqual([]);
});
