import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type AuditRecord, canonicalRecord } from '@botaudit/record';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { record as anyRecord } from '../../packages/record/test/arbitraries.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch, Visitor } from './elasticsearches.ts';
import { changed, idOf, setUp } from './indexers.ts';

const RECORDS = 'logs-audit.otel-default';
const PIPELINE = fileURLToPath(new URL('../../collector-config/filebeat/pipeline.json', import.meta.url));

let shared: SharedElasticsearch;
let auditor: Visitor;

beforeAll(async () => {
  shared = await startElasticsearch();
  await setUp(shared.node);
  auditor = (await Visitor.withRole(shared.node, 'audit-auditor')).visitor;
  await shared.node.request('PUT', '/_ingest/pipeline/botaudit-journal', JSON.parse(await readFile(PIPELINE, 'utf8')));
});
afterAll(() => stopElasticsearch(shared));

/** Sends lines of a journal as Filebeat does. Returns the status of each. */
async function send(writer: Visitor, records: readonly AuditRecord[]): Promise<(number | undefined)[]> {
  const statuses = records.map(async (record) => {
    const event = { '@timestamp': new Date().toISOString(), message: canonicalRecord(record), log: { offset: 0 } };
    return (await writer.request('POST', `/${RECORDS}/_create/x?pipeline=botaudit-journal`, event)).status;
  });
  return Promise.all(statuses);
}

test('a line of a journal becomes the document that the indexer would have made', async () => {
  const { visitor: writer } = await Visitor.withRole(shared.node, 'audit-writer');
  const records = [
    auditRecord(),
    auditRecord({}, { body: { text: 'x' } }),
    auditRecord({ 'audit.sequence.end': true }),
  ];
  expect(await send(writer, records)).toEqual([201, 201, 201]);
  expect(await send(writer, records)).toEqual([409, 409, 409]);
  const stored = await auditor.search(RECORDS, { ids: { values: records.map(idOf) } });
  expect(stored).toHaveLength(3);
  expect(changed(stored)).toEqual([]);
  expect(await auditor.search(RECORDS, { term: { 'audit.ingest.principal': 'filebeat' } })).toHaveLength(3);
});

test('any record comes back byte for byte, or is refused', async () => {
  const { visitor: writer } = await Visitor.withRole(shared.node, 'audit-writer');
  const records = fc.sample(anyRecord, 100);
  const statuses = await send(writer, records);
  const taken = records.filter((_, index) => statuses[index] === 201);
  const stored = await auditor.search(RECORDS, { ids: { values: records.map(idOf) } });
  expect(stored.length).toBe(taken.length);
  expect(changed(stored)).toEqual([]);
  expect(taken.length).toBeGreaterThan(30);
  console.log(`${records.length} lines of any kind: ${taken.length} stored, ${records.length - taken.length} refused`);
});
