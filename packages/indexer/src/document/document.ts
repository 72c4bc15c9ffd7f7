import type { AttributeMap, AuditRecord } from '@botaudit/record';
import { RECORDS_DATASET } from './streams.js';
import { toEpochMillis } from './timestamp.js';

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

  /** The document as JSON on one line. `recordFromDocument` makes the record of it again. */
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
