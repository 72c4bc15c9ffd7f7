import { type AttributeMap, canonicalRecord, decodeRecord } from '@botaudit/record';
import { readJsonResponse } from './json-response.js';
import { canonicalToOtlpJson } from './otlp-json.js';
import { Scratch } from './scratch.js';
import { type EncodedRequest, type Encoder, sortLines, type Wire } from './wire.js';

/**
 * OTLP/JSON. A canonical line is nearly that already, so text is moved. OpenTelemetry's serialiser gives the same (the
 * tests compare), at five times the cost with the parsing that it needs.
 */
export const jsonWire: Wire = {
  contentType: 'application/json',
  createEncoder: (resource) => new JsonEncoder(resource),
  readResponse: readJsonResponse,
};

/** How many records are brought together before they are written. */
const GROUP = 16;

class JsonEncoder implements Encoder {
  readonly #start: string;

  constructor(resource: AttributeMap) {
    this.#start = `{"resourceLogs":[{"resource":{"attributes":${attributesOf(resource)}},"scopeLogs":[{"scope":{},"logRecords":[`;
  }

  request(lines: readonly string[], scratch = new Scratch()): EncodedRequest {
    scratch.clear();
    // Each append makes the text a tree of more pieces, which are laid out when it is written. A few records at a time:
    // half a megabyte in one string would be laid out in memory that only a full collection frees.
    let text = this.#start;
    let grouped = 0;
    let separator = '';
    const sorted = sortLines(lines, (line) => {
      const record = canonicalToOtlpJson(line) ?? canonicalToOtlpJson(canonicalRecord(decodeRecord(line)));
      text += separator;
      text += record;
      separator = ',';
      if (++grouped < GROUP) return;
      scratch.write(text);
      text = '';
      grouped = 0;
    });
    scratch.write(`${text}]}]}]}`);
    return { ...sorted, body: scratch.written() };
  }
}

/** Attributes as OTLP/JSON has them: by way of the canonical form, which wraps values in the same way. */
function attributesOf(attributes: AttributeMap): string {
  const line = canonicalRecord({ eventName: '-', timestamp: '0', observedTimestamp: '0', attributes });
  const wrapped: Record<string, unknown> = JSON.parse(line).Attributes;
  return JSON.stringify(Object.entries(wrapped).map(([key, value]) => ({ key, value })));
}
