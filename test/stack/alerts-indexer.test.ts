import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { eventually } from '../support/eventually.ts';
import { AlertStack } from './alert-stack.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch, Visitor } from './elasticsearches.ts';
import { INDEXER_TOKEN, setUp, startWriter } from './indexers.ts';
import { bearer } from './sending.ts';

const LABELS = { job: 'indexers' };

let stack: AlertStack;
let elastic: SharedElasticsearch;
beforeAll(async () => {
  elastic = await startElasticsearch();
  await setUp(elastic.node);
  stack = await AlertStack.start({ timesFaster: 30 });
});
afterAll(async () => {
  await stack?.stop();
  await stopElasticsearch(elastic);
});

test('records that Elasticsearch refuses, a sender in the name of another service, and Elasticsearch gone', async () => {
  const { apiKey } = await Visitor.withRole(elastic.node, 'audit-writer');
  const { url, adminUrl = '' } = await startWriter(elastic.node, apiKey, { BOTAUDIT_INDEXER_TIMEOUT_MS: '1000' });
  await stack.prometheus.scrape({ indexer: { indexers: [new URL(adminUrl).host] } });
  const send = async (service: string, ...records: readonly ReturnType<typeof auditRecord>[]) => {
    const body = JSON.stringify(jsonRequest(records, { 'service.name': service }));
    const headers = { 'content-type': 'application/json', ...bearer(INDEXER_TOKEN) };
    return (await fetch(url, { method: 'POST', body, headers })).status;
  };
  const stored = () => {
    const record = auditRecord();
    const take = async () => (await send('payments', record)) === 200 || undefined;
    return eventually('a record taken', take, 150_000);
  };
  await stored();
  const up = async () => (await stack.prometheus.query('audit_indexer_records_total')).length > 0 || undefined;
  await eventually('a first scrape', up);

  expect(await send('payments', auditRecord({ 'bot.duplicate': 'no boolean' }))).toBe(200);
  await stack.told('ticket', 'AuditDeadLetters', LABELS);
  expect(await send('another', auditRecord())).toBe(200);
  await stack.told('ticket', 'AuditPrincipalMismatch', { ...LABELS, principal: 'payments' });
  const { run, empty } = await stack.runExpressions((expression) => expression.includes('audit_indexer_'));
  expect(empty).toEqual([]);
  expect(run).toBeGreaterThan(50);

  await elastic.node.stop();
  // As a collector does, which comes again as long as it hears 503.
  const waiting = stored();
  await stack.told('page', 'AuditIndexerStalled', { ...LABELS, reason: 'unavailable' });
  await elastic.node.resume();
  await waiting;
  await stack.told('page', 'AuditIndexerStalled', LABELS, { status: 'resolved' });
});
