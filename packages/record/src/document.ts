import type { AttributeMap, AuditRecord } from './model.js';

/**
 * The record that a document of Elasticsearch holds, so that `canonicalRecord` gives the very line that was sealed. What
 * stands outside of the record (resource, time of ingest, principal) is left out.
 *
 * @param source the document's `_source`, as Elasticsearch returns it.
 * @throws {TypeError} when it is no document of a record.
 */
export function recordFromDocument(source: unknown): AuditRecord {
  const fields = objectOf(source, 'the document');
  const timestamp = fromEpochMillis(fields['@timestamp']);
  const observedTimestamp = fromEpochMillis(fields.observed_timestamp);
  const { event_name: eventName, trace_id: traceId, span_id: spanId, body } = fields;
  if (typeof eventName !== 'string') throw new TypeError('the document has no event_name');
  if (timestamp === undefined || observedTimestamp === undefined) {
    throw new TypeError('the document has no @timestamp or observed_timestamp with nanoseconds');
  }
  const record: AuditRecord = {
    eventName,
    timestamp,
    observedTimestamp,
    attributes: objectOf(fields.attributes, 'attributes') as AttributeMap,
  };
  if (typeof traceId === 'string') record.traceId = traceId;
  if (typeof spanId === 'string') record.spanId = spanId;
  if (body !== undefined) {
    record.body = objectOf(objectOf(body, 'body').structured, 'body.structured') as AttributeMap;
  }
  return record;
}

const MILLISECONDS = /^(0|[1-9][0-9]*)\.([0-9]{6})$/;

/**
 * Nanoseconds since the epoch, decimal, of the text that a document has for them: milliseconds with six more digits;
 * `undefined` when it is not that.
 */
export function fromEpochMillis(milliseconds: unknown): string | undefined {
  const [, whole, fraction] = (typeof milliseconds === 'string' && MILLISECONDS.exec(milliseconds)) || [];
  if (whole === undefined || fraction === undefined) return undefined;
  return whole === '0' ? fraction.replace(/^0{1,5}/, '') : whole + fraction;
}

function objectOf(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new TypeError(`${what} is not an object`);
}
