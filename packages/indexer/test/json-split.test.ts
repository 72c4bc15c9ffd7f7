import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitRequest } from '../src/otlp/json-split.js';

/** What a request is when its parts are parsed and put together again. */
function joined(text: string): unknown {
  const split = splitRequest(text);
  if (!split) return JSON.parse(text);
  return JSON.parse(split.rest, (name, value) => {
    if (name !== 'logRecords' || !Array.isArray(value)) return value;
    return value.flatMap((number) => split.lists[number]?.map((one) => JSON.parse(one)) ?? [number]);
  });
}

const scope = fc.record(
  { scope: fc.jsonValue(), logRecords: fc.array(fc.jsonValue()), more: fc.jsonValue() },
  { requiredKeys: [] },
);
const request = fc.record({
  resourceLogs: fc.array(fc.record({ scopeLogs: fc.array(scope), resource: fc.jsonValue() })),
});

test('parts of a request are the request', () => {
  fc.assert(
    fc.property(request, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(joined(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('the records are taken out of the text, not other lists', () => {
  const text =
    '{"resourceLogs":[{"scopeLogs":[{"logRecords" : [ {"a":["]",","]} , {"b":"\\\\"} ]}],"logRecords":[1]}]}';
  expect(splitRequest(text)).toEqual({
    rest: '{"resourceLogs":[{"scopeLogs":[{"logRecords" : [0]}],"logRecords":[1]}]}',
    lists: [[' {"a":["]",","]} ', ' {"b":"\\\\"} ']],
  });
});

test('a name that is spelled with escapes leaves the request whole', () => {
  expect(splitRequest('{"resourceLogs":[{"scopeLogs":[{"log\\u0052ecords":[{}]}]}]}')).toBeUndefined();
});

test.each([
  '',
  '{',
  '"',
  '[[[[[{"logRecords":[',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{]}]}]}',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},]}]}]}',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[,]}]}]}',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"a":"}]}]}]}',
])('what is no JSON stays none: %s', (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(() => joined(text)).toThrow();
});
