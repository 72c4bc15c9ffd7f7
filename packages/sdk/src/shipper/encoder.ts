import { type AttributeMap, type AuditRecord, decodeRecord } from '@botaudit/record';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { EndpointConfig } from '../config/endpoint.js';
import { canonicalToOtlpJson } from './otlp-json.js';
import { plainResource, toReadable } from './readable-record.js';

/** A record that is ready to go into a request: text of OTLP/JSON, or an object for the protobuf serialiser. */
export type Piece = string | ReadableLogRecord;

/** Makes export requests of the lines of one stream. */
export interface Encoder {
  /** @throws {RecordFormatError} when the line holds no record. */
  piece(line: string): Piece;
  /** The export request with these records, which must be pieces of this very encoder. */
  request(pieces: readonly Piece[]): Uint8Array;
}

/** @param resource the attributes of the stream's resource. */
export function createEncoder(protocol: EndpointConfig['protocol'], resource: AttributeMap): Encoder {
  return protocol === 'http/json' ? jsonEncoder(resource) : protobufEncoder(resource);
}

function protobufEncoder(attributes: AttributeMap): Encoder {
  const resource = plainResource(attributes);
  return {
    piece: (line) => toReadable(decodeRecord(line), resource),
    request: (pieces) => ProtobufLogsSerializer.serializeRequest(pieces as ReadableLogRecord[]) as Uint8Array,
  };
}

/**
 * The records are moved as text: the serialiser alone would take three times as long. It still writes what surrounds
 * them, and the rare line that is a record in another than the canonical form.
 */
function jsonEncoder(attributes: AttributeMap): Encoder {
  const resource = plainResource(attributes);
  const serialise = (record: AuditRecord) => {
    const bytes = JsonLogsSerializer.serializeRequest([toReadable(record, resource)]) as Uint8Array;
    return JSON.parse(Buffer.from(bytes).toString('utf8')).resourceLogs[0];
  };
  const start = `{"resourceLogs":[{"resource":${JSON.stringify(serialise(NOTHING).resource)},"scopeLogs":[{"scope":{},"logRecords":[`;
  return {
    piece: (line) =>
      canonicalToOtlpJson(line) ?? JSON.stringify(serialise(decodeRecord(line)).scopeLogs[0].logRecords[0]),
    request: (pieces) => Buffer.from(`${start}${pieces.join(',')}]}]}]}`),
  };
}

/** Stands in where only the resource is asked for. */
const NOTHING: AuditRecord = { eventName: 'none', timestamp: '0', observedTimestamp: '0', attributes: {} };
