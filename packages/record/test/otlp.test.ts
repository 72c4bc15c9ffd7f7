import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeMap, AttributeValue, AuditRecord } from '../src/index.js';
import { attributesFromOtlp, canonicalRecord, RecordFormatError, recordFromOtlp } from '../src/index.js';
import { record } from './arbitraries.js';

/** How the collector's file exporter writes a value: integers as strings, nothing for what is empty. */
function anyValue(value: AttributeValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: value.length === 0 ? {} : { values: value.map(anyValue) } };
  return { kvlistValue: Object.keys(value).length === 0 ? {} : { values: keyValues(value) } };
}

/** In the order in which they come, which is not the canonical one. */
function keyValues(map: AttributeMap): unknown[] {
  return Object.entries(map)
    .reverse()
    .map(([key, value]) => ({ key, value: anyValue(value) }));
}

function logRecord({ eventName, timestamp, observedTimestamp, traceId, spanId, attributes, body }: AuditRecord) {
  return {
    timeUnixNano: timestamp,
    observedTimeUnixNano: observedTimestamp,
    eventName,
    attributes: keyValues(attributes),
    ...(body && { body: anyValue(body) }),
    traceId: traceId ?? '',
    spanId: spanId ?? '',
    flags: 1,
  };
}

test('what a collector wrote gives the very line that was sealed', () => {
  const isReal = ({ traceId, spanId }: AuditRecord) => !/^0+$/.test(traceId ?? '1') && !/^0+$/.test(spanId ?? '1');
  fc.assert(
    fc.property(record.filter(isReal), (record) => {
      const json: unknown = JSON.parse(JSON.stringify(logRecord(record)));
      expect(canonicalRecord(recordFromOtlp(json))).toBe(canonicalRecord(record));
    }),
  );
});

const bare = { eventName: 'e', timeUnixNano: '1', observedTimeUnixNano: '2' };

test('both spellings of numbers and empty lists are read', () => {
  const attributes = [
    { key: 'a', value: { intValue: 5 } },
    { key: 'b', value: { intValue: '-5' } },
    { key: 'c', value: { arrayValue: { values: [] } } },
    { key: 'd', value: { doubleValue: 2 } },
    { key: 'e', value: { doubleValue: 'NaN' } },
    { key: 'f', value: { bytesValue: 'aGk=' } },
    { key: 'g', value: {} },
    { key: 'h', value: { arrayValue: { values: [{}] } } },
    { key: 'i', value: { intValue: '9007199254740993' } },
    { key: 'j', value: null },
  ];
  expect(recordFromOtlp({ ...bare, attributes, traceId: '00000000000000000000000000000000' })).toEqual({
    eventName: 'e',
    timestamp: '1',
    observedTimestamp: '2',
    attributes: { a: 5, b: -5, c: [], d: 2, e: 'NaN', f: 'aGk=', h: [''], i: '9007199254740993' },
  });
});

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /the log record is not an object/],
  ['no event name', { ...bare, eventName: '' }, /no eventName/],
  ['no timestamp', { ...bare, timeUnixNano: undefined }, /no timeUnixNano/],
  ['a timestamp that lost its digits', { ...bare, timeUnixNano: Number('1795478400000123500') }, /no timeUnixNano/],
  ['a body that is text', { ...bare, body: { stringValue: 'x' } }, /body is not a map/],
  ['a value of two types', { ...bare, body: { stringValue: '', boolValue: true } }, /several types/],
  ['a value of no known type', { ...bare, body: { '\u001b[1m': 1 } }, /unknown value of type \?\?\?m/],
  ['an integer in words', { ...bare, attributes: [{ key: 'a', value: { intValue: 'one' } }] }, /type intValue/],
  ['a member without key', { ...bare, attributes: [{ value: {} }] }, /a member without a key/],
  ['attributes as a map', { ...bare, attributes: { a: 1 } }, /a list that is none/],
])('%s is refused, and the reason named', (_, json, reason) => {
  expect(() => recordFromOtlp(json)).toThrow(RecordFormatError);
  expect(() => recordFromOtlp(json)).toThrow(reason);
});

test('no JSON makes it throw anything but a RecordFormatError', () => {
  const fields = ['eventName', 'timeUnixNano', 'observedTimeUnixNano', 'attributes', 'body', 'traceId', 'spanId'];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fields), fc.oneof(fc.jsonValue(), fc.constant('1'))), (json) => {
      try {
        recordFromOtlp(json);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordFormatError);
      }
    }),
  );
});

test('attributes of a resource become plain values', () => {
  const attributes = [
    { key: 'service.name', value: { stringValue: 'payments' } },
    { key: 'process.pid', value: { intValue: '42' } },
    { key: '__proto__', value: { boolValue: true } },
  ];
  const plain = attributesFromOtlp(attributes);
  expect(Object.entries(plain)).toEqual([
    ['service.name', 'payments'],
    ['process.pid', 42],
    ['__proto__', true],
  ]);
  expect(attributesFromOtlp(undefined)).toEqual({});
  expect(() => attributesFromOtlp({})).toThrow(RecordFormatError);
});
