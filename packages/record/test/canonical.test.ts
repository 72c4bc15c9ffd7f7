import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeMap, AttributeValue, AuditRecord } from '../src/index.js';
import { canonicalRecord, decodeRecord, jcs, parseRecord, RecordFormatError } from '../src/index.js';
import { record } from './arbitraries.js';

/** The record as JSON with OTLP's wrappers, written the slow and obvious way. */
function asJson({ attributes, body, eventName, observedTimestamp, spanId, timestamp, traceId }: AuditRecord): unknown {
  return {
    TraceId: traceId,
    Timestamp: timestamp,
    SpanId: spanId,
    ObservedTimestamp: observedTimestamp,
    EventName: eventName,
    Body: body && wrap(body),
    Attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, wrap(value)])),
  };
}

function wrap(value: AttributeValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(wrap) } };
  const keys = Object.keys(value).sort();
  return { kvlistValue: { values: keys.map((key) => ({ key, value: wrap(value[key]!) })) } };
}

test('the canonical form of a record is that of the canonicalize package', () => {
  fc.assert(
    fc.property(record, (record) => {
      expect(canonicalRecord(record)).toBe(canonicalize(asJson(record)));
    }),
  );
});

test('jcs is what the canonicalize package makes of any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (json) => {
      expect(jcs(json)).toBe(canonicalize(json));
    }),
  );
});

test.each([
  [{ b: 1, a: [1e21, 1e-7, -0, 0.1, 1e23, 5e-324] }, '{"a":[1e+21,1e-7,0,0.1,1e+23,5e-324],"b":1}'],
  [{ '10': 1, '9': 2, '': 3 }, '{"":3,"10":1,"9":2}'],
  // UTF-16 order, not that of code points: the halves of the pair come before U+FB33.
  [{ '\ufb33': 1, '\u{1f600}': 2 }, '{"\u{1f600}":2,"\ufb33":1}'],
  ['\b\t\n\f\r"\\/\u000f\u007f\u2028', '"\\b\\t\\n\\f\\r\\"\\\\/\\u000f\u007f\u2028"'],
  [{ gone: undefined, stays: null }, '{"stays":null}'],
])('jcs of %o', (json, text) => {
  expect(jcs(json)).toBe(text);
});

test.each([
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  ['\udc00'],
  [{ '\ud800': 1 }],
  [1n],
  [() => 1],
  [undefined],
  [[undefined]],
  [new Array(1)],
])('jcs refuses %o', (value) => {
  expect(() => jcs(value)).toThrow(TypeError);
});

const minimal: AuditRecord = {
  eventName: 'bot.member.ban',
  timestamp: '1795478400000123456',
  observedTimestamp: '1795478400000123500',
  attributes: {
    'audit.record.id': '9b2d6a0e-6f1e-4d0e-8a51-0e1f5a2b3c4d',
    'audit.actor.id': 'telegram:42',
    'audit.actor.type': 'user',
    'audit.action': 'BAN',
    'audit.outcome': 'success',
  },
};

test('a record in canonical form, byte for byte', () => {
  const full = {
    ...minimal,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    attributes: { ...minimal.attributes, 'bot.action.duration': 0.25, 'audit.sequence.number': 7, flag: true },
    body: { list: ['', 1], b: { z: 1, a: 'é' } },
  };
  expect(canonicalRecord(full)).toBe(
    '{"Attributes":{"audit.action":{"stringValue":"BAN"},"audit.actor.id":{"stringValue":"telegram:42"},' +
      '"audit.actor.type":{"stringValue":"user"},"audit.outcome":{"stringValue":"success"},' +
      '"audit.record.id":{"stringValue":"9b2d6a0e-6f1e-4d0e-8a51-0e1f5a2b3c4d"},"audit.sequence.number":{"intValue":7},' +
      '"bot.action.duration":{"doubleValue":0.25},"flag":{"boolValue":true}},' +
      '"Body":{"kvlistValue":{"values":[{"key":"b","value":{"kvlistValue":{"values":[' +
      '{"key":"a","value":{"stringValue":"é"}},{"key":"z","value":{"intValue":1}}]}}},' +
      '{"key":"list","value":{"arrayValue":{"values":[{"stringValue":""},{"intValue":1}]}}}]}},' +
      '"EventName":"bot.member.ban","ObservedTimestamp":"1795478400000123500","SpanId":"b7ad6b7169203331",' +
      '"Timestamp":"1795478400000123456","TraceId":"0af7651916cd43dd8448eb211c80319c"}',
  );
});

test('an empty body is no body', () => {
  expect(canonicalRecord({ ...minimal, body: {} })).toBe(canonicalRecord(minimal));
});

test.each([[null], [Number.NaN], [2 ** 60], ['\ud800'], [undefined], [1n]])(
  'a value that is not plain is refused: %o',
  (value) => {
    const attributes = { ...minimal.attributes, value } as AttributeMap;
    expect(() => canonicalRecord({ ...minimal, attributes })).toThrow(TypeError);
  },
);

test('a record comes back from its line the same, with either reader', () => {
  fc.assert(
    fc.property(record, (record) => {
      const line = canonicalRecord(record);
      expect(parseRecord(line)).toEqual(record);
      expect(decodeRecord(line)).toEqual(record);
    }),
  );
});

test('any other spelling of the same record is refused', () => {
  const line = canonicalRecord({ ...minimal, attributes: { ...minimal.attributes, n: 1, d: 0.5, é: 'é' } });
  const others = [
    `${line} `,
    ` ${line}`,
    `\ufeff${line}`,
    `${line}\r`,
    line.replace('"intValue":1', '"intValue":1.0'),
    line.replace('"intValue":1', '"doubleValue":1'),
    line.replace('"intValue":1', '"intValue":"1"'),
    line.replace('0.5', '5e-1'),
    line.replace('"é"', '"\\u00e9"'),
    line.replace('"Attributes":{', '"Attributes":{"audit.action":{"stringValue":"BAN"},'),
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).reverse())),
  ];
  expect(parseRecord(line)).toBeDefined();
  for (const other of others) {
    expect(other).not.toBe(line);
    expect(() => parseRecord(other)).toThrow(RecordFormatError);
  }
});

const cases: [string, string, RegExp][] = [
  ['nothing', '', /not JSON/],
  ['half a line', canonicalRecord(minimal).slice(0, 99), /not JSON/],
  ['null', 'null', /the record is not an object/],
  ['a list', '[]', /the record is not an object/],
  ['an unknown field', line({ Severity: 9 }), /a field that no record has, "Severity"/],
  ['a hostile field', line({ '\u001b[31m\u202e': 9 }), /a field that no record has, "\?\[31m\?"/],
  ['no event name', line({ EventName: undefined }), /EventName is not a string/],
  ['an empty event name', line({ EventName: '' }), /EventName is empty/],
  ['a timestamp as number', line({ Timestamp: 1 }), /Timestamp is not a string/],
  ['a timestamp in words', line({ Timestamp: 'now' }), /Timestamp has no valid value/],
  ['a short trace id', line({ TraceId: 'abc' }), /TraceId has no valid value/],
  ['an upper-case span id', line({ SpanId: 'B7AD6B7169203331' }), /SpanId has no valid value/],
  ['a body that is a string', line({ Body: { stringValue: 'x' } }), /Body is not a non-empty map/],
  ['an empty body', line({ Body: { kvlistValue: { values: [] } } }), /Body is not a non-empty map/],
  ['a bare value', line({}, { x: 'bare' }), /a value is not an object/],
  ['an empty wrapper', line({}, { x: {} }), /a value of unknown type/],
  ['two types', line({}, { x: { stringValue: '', intValue: 1 } }), /a value of several types/],
  ['an unknown type', line({}, { x: { bytesValue: 'AA==' } }), /a value of unknown type/],
  ['an integer in a string', line({}, { x: { intValue: '1' } }), /a wrong intValue/],
  ['an integer that is too large', line({}, { x: { intValue: 2 ** 54 } }), /a wrong intValue/],
  ['half of a surrogate pair', line({}, { x: { stringValue: '\ud800' } }), /half of a surrogate pair/],
  ['an array without list', line({}, { x: { arrayValue: {} } }), /arrayValue has no list of values/],
  ['no actor', line({}, { 'audit.actor.id': undefined }), /event "bot.member.ban" lacks audit.actor.id/],
  ['an actor that is a number', line({}, { 'audit.actor.id': { intValue: 1 } }), /lacks audit.actor.id/],
];

function line(fields: object, attributes: object = {}): string {
  const json = asJson(minimal) as { Attributes: object };
  return JSON.stringify({ ...json, Attributes: { ...json.Attributes, ...attributes }, ...fields });
}

test.each(cases)('a line with %s is refused, and the reason named', (_, line, reason) => {
  expect(() => decodeRecord(line)).toThrow(RecordFormatError);
  expect(() => decodeRecord(line)).toThrow(reason);
});

test('a line of more than 256 KiB is refused, one of exactly that is not', () => {
  const sized = (text: string) => canonicalRecord({ ...minimal, attributes: { ...minimal.attributes, text } });
  const room = 256 * 1024 - Buffer.byteLength(sized(''));
  expect(parseRecord(sized('x'.repeat(room)))).toBeDefined();
  expect(() => parseRecord(sized('x'.repeat(room + 1)))).toThrow(/longer than 256 KiB/);
  expect(() => parseRecord(sized('é'.repeat(room / 2 + 1)))).toThrow(/longer than 256 KiB/);
});

test('nesting that would overflow the stack is refused', () => {
  const deep = `${'{"arrayValue":{"values":['.repeat(30_000)}${']}}'.repeat(30_000)}`;
  const text = canonicalRecord(minimal).replace('{"stringValue":"BAN"}', deep);
  expect(() => decodeRecord(text)).toThrow(RecordFormatError);
});

test('no text makes the readers throw anything but a RecordFormatError', () => {
  const mutated = fc.tuple(record, fc.nat(), fc.string({ maxLength: 3 })).map(([record, at, text]) => {
    const line = canonicalRecord(record);
    const index = at % line.length;
    return line.slice(0, index) + text + line.slice(index + 1);
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), mutated), (text) => {
      try {
        parseRecord(text);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordFormatError);
      }
    }),
  );
});
