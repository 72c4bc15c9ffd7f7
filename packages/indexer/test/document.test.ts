import { hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { type AuditRecord, canonicalRecord, fromEpochMillis, recordFromDocument } from '@botaudit/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { record } from '../../record/test/arbitraries.js';
import { DocumentWriter } from '../src/document/document.js';
import { rejectedDocument } from '../src/document/rejected.js';
import { isDecimal, toEpochMillis } from '../src/document/timestamp.js';
import { auditRecord } from './support/records.js';

const INGEST = { namespace: 'default', principal: 'payments', at: '2026-11-24T00:00:00.000Z' };

const document = (of: AuditRecord) => new DocumentWriter({ 'service.name': 'payments' }, INGEST).write(of);

test('every record comes back from its document, byte for byte', () => {
  fc.assert(
    fc.property(record, (original) => {
      const json = document(original);
      expect(json).not.toContain('\n');
      expect(canonicalRecord(recordFromDocument(JSON.parse(json)))).toBe(canonicalRecord(original));
    }),
    { numRuns: 500 },
  );
});

test('a document has the shape of OpenTelemetry logs in Elasticsearch', () => {
  const original: AuditRecord = {
    eventName: 'bot.member.ban',
    timestamp: '1795478400000123456',
    observedTimestamp: '1795478400000123500',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    attributes: { 'audit.actor.id': 'telegram:42' },
    body: { reason: 'spam' },
  };
  expect(JSON.parse(document(original))).toEqual({
    '@timestamp': '1795478400000.123456',
    observed_timestamp: '1795478400000.123500',
    data_stream: { type: 'logs', dataset: 'audit.otel', namespace: 'default' },
    event_name: 'bot.member.ban',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    attributes: { 'audit.actor.id': 'telegram:42' },
    body: { structured: { reason: 'spam' } },
    resource: { attributes: { 'service.name': 'payments' } },
    event: { ingested: '2026-11-24T00:00:00.000Z' },
    audit: { ingest: { principal: 'payments' } },
  });
});

test.each(['0', '7', '123456', '1234567', '1795478400000000001', '18446744073709551615'])(
  'the timestamp %s keeps its nanoseconds',
  (nanoseconds) => {
    expect(isDecimal(nanoseconds)).toBe(true);
    expect(toEpochMillis(nanoseconds)).toMatch(/^\d+\.\d{6}$/);
    expect(fromEpochMillis(toEpochMillis(nanoseconds))).toBe(nanoseconds);
  },
);

test('what is no document of a record is told', () => {
  const whole = JSON.parse(document(auditRecord())) as object;
  const wrong = [
    [],
    { ...whole, '@timestamp': '2026-11-24T00:00:00Z' },
    { ...whole, event_name: 1 },
    { ...whole, attributes: 'x' },
    { ...whole, body: { text: 'x' } },
  ];
  for (const source of wrong) expect(() => recordFromDocument(source)).toThrow(TypeError);
});

test('a rejected copy has the id that the record would have had, and all of it', () => {
  const original = canonicalRecord(auditRecord());
  const rejection = { type: 'document_parsing_exception', reason: 'x'.repeat(5000), original, ...INGEST };
  const { id, document: json } = rejectedDocument(rejection, new Date('2026-11-24T00:00:00Z'));
  expect(id).toBe(hash('sha256', original));
  const { rejected } = JSON.parse(json);
  expect(rejected.original).toBe(original);
  expect(rejected.reason).toHaveLength(1024);
});

test('a rejected copy of what is larger than a record may be is compressed, so that Elasticsearch takes it', () => {
  const original = canonicalRecord(auditRecord({ large: '\u0001'.repeat(9_000_000) }));
  expect(original.length).toBeGreaterThan(50_000_000);
  const { id, document: json } = rejectedDocument(
    { type: 'invalid_record', reason: 'x', original, ...INGEST },
    new Date(),
  );
  expect(id).toBe(hash('sha256', original));
  expect(json.length).toBeLessThan(1_000_000);
  const { rejected } = JSON.parse(json);
  expect(rejected.original).toBeUndefined();
  expect(gunzipSync(Buffer.from(rejected.original_gzip, 'base64')).toString() === original).toBe(true);
});
