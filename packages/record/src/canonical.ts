import type { AttributeMap, AttributeValue, AuditRecord } from './model.js';
import { MAX_INTEGER } from './plain.js';

/** The most that the canonical form of one record may take: bytes of UTF-8, without the newline. */
export const MAX_RECORD_BYTES = 256 * 1024;

/** Text whose JSON form is itself in quotes: no control character, quote, backslash, or half of a surrogate pair. */
const VERBATIM = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * The canonical form (RFC 8785) of a record: the line of a journal, without its newline. Its SHA-256 is the record's
 * hash.
 *
 * @throws {TypeError} when a value is not plain; `toPlain` makes it so.
 */
export function canonicalRecord(record: AuditRecord): string {
  const { attributes, body, eventName, observedTimestamp, spanId, timestamp, traceId } = record;
  let line = '{"Attributes":{';
  let separator = '';
  // Canonical order is that of UTF-16 code units, which is what sort() compares.
  for (const key of Object.keys(attributes).sort()) {
    line += `${separator}${quote(key)}:${wrapped(attributes[key])}`;
    separator = ',';
  }
  line += '}';
  if (body !== undefined) {
    const members = wrappedMembers(body);
    // A body without members is no body.
    if (members !== '') line += `,"Body":{"kvlistValue":{"values":[${members}]}}`;
  }
  line += `,"EventName":${quote(eventName)},"ObservedTimestamp":${quote(observedTimestamp)}`;
  if (spanId !== undefined) line += `,"SpanId":${quote(spanId)}`;
  line += `,"Timestamp":${quote(timestamp)}`;
  return traceId === undefined ? `${line}}` : `${line},"TraceId":${quote(traceId)}}`;
}

/**
 * RFC 8785 (JCS) of any JSON value. Members that are undefined are left out, as `JSON.stringify` does.
 *
 * @throws {TypeError} when `value` holds something that JSON cannot say: NaN, an infinity, half of a surrogate pair, a
 * bigint, a function, a symbol, or undefined outside of a map.
 */
export function jcs(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      break;
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? `[${Array.from(value, jcs).join()}]`
        : `{${members(value as Record<string, unknown>)}}`;
  }
  throw new TypeError(`JSON has no form for ${String(value)}`);
}

function members(map: Record<string, unknown>): string {
  return Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort()
    .map((key) => `${quote(key)}:${jcs(map[key])}`)
    .join();
}

/** The OTLP AnyValue that a plain value stands for, in canonical form. */
function wrapped(value: AttributeValue | undefined): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${quote(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'number':
      if (!Number.isInteger(value)) {
        if (Number.isFinite(value)) return `{"doubleValue":${value}}`;
      } else if (Math.abs(value) <= MAX_INTEGER) return `{"intValue":${value}}`;
      break;
    case 'object':
      if (value === null) break;
      if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map(wrapped).join()}]}}`;
      return `{"kvlistValue":{"values":[${wrappedMembers(value)}]}}`;
  }
  throw new TypeError(`Not a plain value: ${String(value)}`);
}

function wrappedMembers(map: AttributeMap): string {
  return Object.keys(map)
    .sort()
    .map((key) => `{"key":${quote(key)},"value":${wrapped(map[key])}}`)
    .join();
}

/**
 * A text in JSON's canonical form.
 *
 * @throws {TypeError} when it holds half of a surrogate pair.
 */
export function quote(text: string): string {
  if (VERBATIM.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('JSON in canonical form has no place for half of a surrogate pair');
  return JSON.stringify(text);
}
