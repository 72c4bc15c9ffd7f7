import type { PartialSuccess } from './wire.js';

/**
 * Reads an ExportLogsServiceResponse in JSON. `{"status":"ok"}` is JSON and none; but fields of a later version may stand
 * beside the one that is known. An empty body is what a receiver leaves that has nothing to say.
 *
 * @throws {Error} when it is none.
 */
export function readJsonResponse(body: Uint8Array): PartialSuccess {
  const response: unknown = body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString('utf8'));
  if (!isObject(response) || (Object.keys(response).length > 0 && !('partialSuccess' in response))) {
    throw new TypeError('no response of OTLP');
  }
  const { partialSuccess } = response;
  const { rejectedLogRecords = 0, errorMessage = '' } = isObject(partialSuccess) ? partialSuccess : {};
  // A 64-bit integer is a string in OTLP/JSON.
  return { rejected: countOf(Number(rejectedLogRecords)), message: String(errorMessage) };
}

/**
 * A count of records as an endpoint states it.
 *
 * @throws {TypeError} when it is none: whoever takes -5 records off cannot be believed about the others.
 */
export function countOf(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('rejectedLogRecords is no count');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
