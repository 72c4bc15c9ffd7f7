import type { AttributeMap, AuditRecord } from '@botaudit/record';
import { RECORDS_DATASET } from './streams.js';
import { fromEpochMillis, toEpochMillis } from './timestamp.js';

/** What a document says beside the record: outside of the record's hash. */
export interface Ingest {
  readonly namespace: string;
  /** Whose credential the record came with. */
  readonly principal: string;
  /** When it came: ISO 8601. */
  readonly at: string;
}

/** Makes the documents of one service's records, in the shape that OpenTelemetry logs have in Elasticsearch. */
export class DocumentWriter {
  readonly #dataStream: string;
  readonly #end: string;

  constructor(resource: AttributeMap, { namespace, principal, at }: Ingest) {
    const dataStream = { type: 'logs', dataset: RECORDS_DATASET, namespace };
    this.#dataStream = `","data_stream":${JSON.stringify(dataStream)},"event_name":`;
    const rest = { resource: { attributes: resource }, event: { ingested: at }, audit: { ingest: { principal } } };
    this.#end = `,${JSON.stringify(rest).slice(1)}`;
  }

  /** The document as JSON on one line. {@link recordFromDocument} makes the record of it again. */
  write({ eventName, timestamp, observedTimestamp, traceId, spanId, attributes, body }: AuditRecord): string {
    let json = `{"@timestamp":"${toEpochMillis(timestamp)}","observed_timestamp":"${toEpochMillis(observedTimestamp)}`;
    json += this.#dataStream;
    json += JSON.stringify(eventName);
    if (traceId !== undefined) json += `,"trace_id":${JSON.stringify(traceId)}`;
    if (spanId !== undefined) json += `,"span_id":${JSON.stringify(spanId)}`;
    json += `,"attributes":${JSON.stringify(attributes)}`;
    if (body !== undefined) json += `,"body":{"structured":${JSON.stringify(body)}}`;
    return json + this.#end;
  }
}

/**
 * The record that a document holds, so that `canonicalRecord` gives the very line that was sealed. What stands outside
 * of the record (resource, time of ingest, principal) is left out.
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

function objectOf(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new TypeError(`${what} is not an object`);
}
