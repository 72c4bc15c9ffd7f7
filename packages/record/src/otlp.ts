import { RecordFormatError } from './errors.js';
import type { AttributeMap, AttributeValue, AuditRecord } from './model.js';
import { put, toPlain } from './plain.js';

/**
 * The record that one `logRecord` of OTLP/JSON carries, as a collector's file exporter writes it, so that
 * `canonicalRecord` gives the very line that was sealed. Fields that a record does not have (severity, flags, dropped
 * counts) are ignored. Both spellings that are in use are read: 64-bit numbers as strings or numbers, empty lists as
 * `{}` or `{"values":[]}`.
 *
 * @throws {RecordFormatError} when it has no event name or timestamp, or a value of unknown type.
 */
export function recordFromOtlp(logRecord: unknown): AuditRecord {
  const fields = asObject(logRecord, 'the log record');
  const record: AuditRecord = {
    eventName: eventNameOf(fields.eventName),
    timestamp: nanoseconds(fields.timeUnixNano, 'timeUnixNano'),
    observedTimestamp: nanoseconds(fields.observedTimeUnixNano, 'observedTimeUnixNano'),
    attributes: attributesFromOtlp(fields.attributes),
  };
  const traceId = idOf(fields.traceId);
  if (traceId !== undefined) record.traceId = traceId;
  const spanId = idOf(fields.spanId);
  if (spanId !== undefined) record.spanId = spanId;
  const body = fields.body === undefined || fields.body === null ? undefined : unwrap(fields.body, 0);
  if (body === undefined) return record;
  if (typeof body !== 'object' || Array.isArray(body)) throw new RecordFormatError('body is not a map');
  if (Object.keys(body).length > 0) record.body = body;
  return record;
}

/**
 * Attributes as plain values, out of the list that OTLP/JSON has for them: those of a resource, for instance.
 *
 * @throws {RecordFormatError} when it is no such list, or holds a value of unknown type.
 */
export function attributesFromOtlp(attributes: unknown): AttributeMap {
  return mapOf(attributes, 0);
}

/** Deeper than any record nests. */
const MAX_DEPTH = 64;

function unwrap(json: unknown, depth: number): AttributeValue | undefined {
  if (depth > MAX_DEPTH) throw new RecordFormatError('nested too deeply');
  const wrapper = asObject(json, 'a value');
  const [type, ...others] = Object.keys(wrapper);
  // An AnyValue without a value is null.
  if (type === undefined) return undefined;
  if (others.length > 0) throw new RecordFormatError('a value of several types');
  const value = wrapper[type];
  switch (type) {
    case 'stringValue':
    case 'bytesValue':
      if (typeof value === 'string') return toPlain(value);
      break;
    case 'boolValue':
      if (typeof value === 'boolean') return value;
      break;
    case 'intValue':
      if (typeof value === 'string' && /^-?[0-9]{1,19}$/.test(value)) return toPlain(BigInt(value));
      if (Number.isInteger(value)) return toPlain(value);
      break;
    case 'doubleValue':
      // JSON has no form for these three; protobuf spells them in words.
      if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
      if (typeof value === 'number') return toPlain(value);
      break;
    case 'arrayValue':
      return listOf(asObject(value, type).values).map((item) => unwrap(item, depth + 1) ?? '');
    case 'kvlistValue':
      return mapOf(asObject(value, type).values, depth + 1);
  }
  throw new RecordFormatError(`a wrong or unknown value of type ${type.replace(/[^a-zA-Z]/g, '?').slice(0, 32)}`);
}

function mapOf(json: unknown, depth: number): AttributeMap {
  const map: AttributeMap = {};
  for (const entry of listOf(json)) {
    const { key, value } = asObject(entry, 'a member');
    if (typeof key !== 'string') throw new RecordFormatError('a member without a key');
    if (value !== undefined && value !== null) put(map, key.toWellFormed(), unwrap(value, depth));
  }
  return map;
}

/** A repeated field, which protobuf's JSON leaves out where it is empty. */
function listOf(json: unknown): readonly unknown[] {
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json;
  throw new RecordFormatError('a list that is none');
}

function asObject(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new RecordFormatError(`${what} is not an object`);
}

function eventNameOf(json: unknown): string {
  if (typeof json === 'string' && json !== '') return json.toWellFormed();
  throw new RecordFormatError('no eventName');
}

/** A number cannot hold today's nanoseconds exactly, so only a string, or the number 0, is one. */
function nanoseconds(json: unknown, field: string): string {
  if (typeof json === 'string' && /^[0-9]{1,20}$/.test(json)) return json;
  if (json === 0) return '0';
  throw new RecordFormatError(`no ${field} as a string of decimal digits`);
}

/** A trace or span id in hex; zeros and nothing both mean that there is none. */
function idOf(json: unknown): string | undefined {
  return typeof json === 'string' && /[1-9a-f]/i.test(json) ? json.toLowerCase() : undefined;
}
