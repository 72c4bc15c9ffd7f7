import { type AttributeMap, canonicalRecord, decodeRecord } from '@botaudit/record';
import { canonicalToOtlpJson } from './otlp-json.js';
import { Scratch } from './scratch.js';
import { type EncodedRequest, type Encoder, type PartialSuccess, sortLines, type Wire } from './wire.js';

/**
 * OTLP/JSON. A canonical line is nearly that already, so text is moved. OpenTelemetry's serialiser gives the same (the
 * tests compare), at five times the cost with the parsing that it needs.
 */
export const jsonWire: Wire = {
  contentType: 'application/json',
  createEncoder: (resource) => new JsonEncoder(resource),
  readResponse,
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

/**
 * `{"status":"ok"}` is JSON and no response of OTLP; but fields of a later version may stand beside the one that is known.
 * An empty body is what a receiver leaves that has nothing to say.
 */
function readResponse(body: Uint8Array): PartialSuccess {
  const response: unknown = body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString('utf8'));
  if (!isObject(response) || (Object.keys(response).length > 0 && !('partialSuccess' in response))) {
    throw new TypeError('no response of OTLP');
  }
  const { partialSuccess } = response;
  const { rejectedLogRecords = 0, errorMessage = '' } = isObject(partialSuccess) ? partialSuccess : {};
  // A 64-bit integer is a string in OTLP/JSON.
  const rejected = Number(rejectedLogRecords);
  if (!Number.isFinite(rejected)) throw new TypeError('rejectedLogRecords is no number');
  return { rejected, message: String(errorMessage) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
