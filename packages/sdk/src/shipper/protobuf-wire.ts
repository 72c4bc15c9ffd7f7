import { type AttributeMap, decodeRecord } from '@botaudit/record';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { countOf } from './json-response.js';
import { plainResource, toReadable } from './readable-record.js';
import { type EncodedRequest, type Encoder, sortLines, type Wire } from './wire.js';

/** OTLP/protobuf, by OpenTelemetry's serialiser. */
export const protobufWire: Wire = {
  contentType: 'application/x-protobuf',
  createEncoder: (resource) => new ProtobufEncoder(resource),
  readResponse(body) {
    const { partialSuccess } = ProtobufLogsSerializer.deserializeResponse(body);
    return {
      rejected: countOf(Number(partialSuccess?.rejectedLogRecords ?? 0)),
      message: partialSuccess?.errorMessage ?? '',
    };
  },
};

class ProtobufEncoder implements Encoder {
  readonly #resource: ReadableLogRecord['resource'];

  constructor(attributes: AttributeMap) {
    this.#resource = plainResource(attributes);
  }

  request(lines: readonly string[]): EncodedRequest {
    const records: ReadableLogRecord[] = [];
    const sorted = sortLines(lines, (line) => records.push(toReadable(decodeRecord(line), this.#resource)));
    return { ...sorted, body: ProtobufLogsSerializer.serializeRequest(records) as Uint8Array };
  }
}
