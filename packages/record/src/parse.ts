import { canonicalRecord, MAX_RECORD_BYTES } from './canonical.js';
import { readCanonical } from './canonical-reader.js';
import { RecordFormatError } from './errors.js';
import type { AttributeMap, AttributeValue, AuditRecord } from './model.js';
import { MAX_INTEGER, put } from './plain.js';
import { printable } from './printable.js';
import { MANDATORY, MAX_DEPTH, NANOSECONDS, SPAN_ID, TRACE_ID } from './record-fields.js';
import { utf8Length } from './utf8.js';

const FIELDS = ['Attributes', 'Body', 'EventName', 'ObservedTimestamp', 'SpanId', 'Timestamp', 'TraceId'];

/**
 * The record that a line of a journal holds.
 *
 * @param line without its newline.
 * @throws {RecordFormatError} when the line is not the canonical form of a record: with the very same bytes, all
 * mandatory attributes, and at most 256 KiB.
 */
export function parseRecord(line: string): AuditRecord {
  if (isTooLong(line)) throw new RecordFormatError('longer than 256 KiB');
  const read = readCanonical(line);
  if (read) return read;
  const record = decodeParsed(line);
  if (canonicalRecord(record) !== line) throw new RecordFormatError('not in canonical form (RFC 8785)');
  return record;
}

/**
 * The same for a line that is known to be canonical, such as one of this process's own journal: it does not
 * compare the bytes.
 *
 * @throws {RecordFormatError} when the line does not hold a record.
 */
export function decodeRecord(line: string): AuditRecord {
  return readCanonical(line) ?? decodeParsed(line);
}

/** {@link decodeRecord} by JSON's parser, which says why a line is none; for whatever the reader does not read. */
export function decodeParsed(line: string): AuditRecord {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // What the parser says quotes the line, which may hold anything.
    throw new RecordFormatError('not JSON');
  }
  const fields = object(json, 'the record');
  for (const key of Object.keys(fields)) {
    if (!FIELDS.includes(key)) throw new RecordFormatError(`a field that no record has, ${printable(key)}`);
  }
  const record: AuditRecord = {
    eventName: text(fields.EventName, 'EventName'),
    timestamp: matching(fields.Timestamp, NANOSECONDS, 'Timestamp'),
    observedTimestamp: matching(fields.ObservedTimestamp, NANOSECONDS, 'ObservedTimestamp'),
    attributes: attributesOf(fields.Attributes),
  };
  if (record.eventName === '') throw new RecordFormatError('EventName is empty');
  if (fields.TraceId !== undefined) record.traceId = matching(fields.TraceId, TRACE_ID, 'TraceId');
  if (fields.SpanId !== undefined) record.spanId = matching(fields.SpanId, SPAN_ID, 'SpanId');
  if (fields.Body !== undefined) record.body = bodyOf(fields.Body);
  for (const name of MANDATORY) {
    const value = record.attributes[name];
    if (typeof value === 'string' && value !== '') continue;
    throw new RecordFormatError(`event ${printable(record.eventName)} lacks ${name}`);
  }
  return record;
}

function isTooLong(line: string): boolean {
  // A UTF-16 unit takes three bytes at most: nearly every line is done with here.
  return line.length > MAX_RECORD_BYTES / 3 && utf8Length(line) > MAX_RECORD_BYTES;
}

function attributesOf(json: unknown): AttributeMap {
  const wrapped = object(json, 'Attributes');
  const attributes: AttributeMap = {};
  for (const key of Object.keys(wrapped)) put(attributes, text(key, 'a key'), unwrap(wrapped[key], 0));
  return attributes;
}

function bodyOf(json: unknown): AttributeMap {
  const body = unwrap(json, 0);
  if (typeof body !== 'object' || Array.isArray(body) || Object.keys(body).length === 0) {
    throw new RecordFormatError('Body is not a non-empty map');
  }
  return body;
}

function unwrap(json: unknown, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) throw new RecordFormatError('nested too deeply');
  const wrapper = object(json, 'a value');
  const [type, ...others] = Object.keys(wrapper);
  if (others.length > 0) throw new RecordFormatError('a value of several types');
  const value = wrapper[type ?? ''];
  switch (type) {
    case 'stringValue':
      return text(value, type);
    case 'boolValue':
      if (typeof value === 'boolean') return value;
      break;
    case 'intValue':
      if (Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER) return value as number;
      break;
    case 'doubleValue':
      if (typeof value === 'number') return value;
      break;
    case 'arrayValue':
      return list(value, type).map((item) => unwrap(item, depth + 1));
    case 'kvlistValue':
      return mapOf(list(value, type), depth + 1);
    default:
      throw new RecordFormatError('a value of unknown type');
  }
  throw new RecordFormatError(`a wrong ${type}`);
}

function mapOf(entries: readonly unknown[], depth: number): AttributeMap {
  const map: AttributeMap = {};
  for (const entry of entries) {
    const { key, value } = object(entry, 'a member');
    put(map, text(key, 'a key'), unwrap(value, depth));
  }
  return map;
}

function object(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new RecordFormatError(`${what} is not an object`);
}

function list(json: unknown, what: string): readonly unknown[] {
  const { values } = object(json, what);
  if (Array.isArray(values)) return values;
  throw new RecordFormatError(`${what} has no list of values`);
}

function text(json: unknown, what: string): string {
  if (typeof json !== 'string') throw new RecordFormatError(`${what} is not a string`);
  if (!json.isWellFormed()) throw new RecordFormatError(`${what} holds half of a surrogate pair`);
  return json;
}

function matching(json: unknown, pattern: RegExp, what: string): string {
  const value = text(json, what);
  if (!pattern.test(value)) throw new RecordFormatError(`${what} has no valid value`);
  return value;
}
