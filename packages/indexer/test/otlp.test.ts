import { type AttributeMap, canonicalRecord } from '@botaudit/record';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { record } from '../../record/test/arbitraries.js';
import { visitJson } from '../src/otlp/json.js';
import { visitProtobuf } from '../src/otlp/protobuf.js';
import { NotOtlpError, type Received } from '../src/otlp/received.js';
import { jsonRequest, message, protobufRequest } from './support/otlp.js';
import { auditRecord } from './support/records.js';

type Visited = Received & { readonly resource: AttributeMap };

function visited(visitAll: typeof visitJson, body: Uint8Array): Visited[] {
  const found: Visited[] = [];
  visitAll(body, (received, resource) => found.push({ ...received, resource }));
  return found;
}

const fromProtobuf = (body: Uint8Array) => visited(visitProtobuf, Buffer.from(body));
const fromJson = (body: unknown) =>
  visited(visitJson, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const canonical = ({ record: found }: Received) => found && canonicalRecord(found);

test('a record is the same however it was sent', () => {
  const resource = { 'service.name': 'payments', 'process.pid': 42, __proto__: 'x' };
  fc.assert(
    fc.property(fc.array(record, { maxLength: 4 }), (records) => {
      const lines = records.map(canonicalRecord);
      for (const found of [
        fromJson(jsonRequest(records, resource)),
        fromProtobuf(protobufRequest(records, resource)),
      ]) {
        expect(found.map(canonical)).toEqual(lines);
        for (const each of found) expect(each.resource).toEqual(resource);
      }
    }),
    { numRuns: 300 },
  );
});

/** A request of one record whose attribute `a` is the AnyValue that `content` writes. */
function withValue(content: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  const nested = (numbers: number[], inner: () => void): void => {
    const [number, ...rest] = numbers;
    if (number === undefined) inner();
    else message(writer, number, () => nested(rest, inner));
  };
  nested([1, 2, 2], () => {
    writer.uint32((12 << 3) | 2).string('bot.command');
    nested([6], () => {
      writer.uint32((1 << 3) | 2).string('a');
      nested([2], () => content(writer));
    });
  });
  return writer.finish();
}

test.each<[string, (writer: protobuf.Writer) => void, unknown]>([
  ['the smallest integer', (w) => w.uint32(24).int64(-1), -1],
  ['a whole double', (w) => w.uint32(33).double(3), 3],
  ['not a number', (w) => w.uint32(33).double(Number.NaN), 'NaN'],
  ['bytes', (w) => w.uint32(58).bytes(Buffer.from([0, 255])), 'AP8='],
  ['nothing', () => {}, undefined],
  ['nothing in a list', (w) => message(w, 5, () => message(w, 1, () => {})), ['']],
  ['the last of several', (w) => w.uint32(10).string('x').uint32(16).bool(true), true],
  ['a replacement character', (w) => w.uint32(10).string('\ufffd'.repeat(100)), '\ufffd'.repeat(100)],
  [
    'a field of later versions',
    (w) =>
      w
        .uint32(10)
        .string('x')
        .uint32((99 << 3) | 2)
        .string('y'),
    'x',
  ],
])('protobuf: %s', (_, content, value) => {
  expect(fromProtobuf(withValue(content))[0]?.record?.attributes.a).toEqual(value);
});

test.each(['9007199254740992', '-9007199254740992', '9007199254740993', '9223372036854775807', '-9223372036854775808'])(
  'the integer %s keeps its digits',
  (digits) => {
    const sent = fromProtobuf(withValue((writer) => writer.uint32(24).int64(digits as unknown as number)));
    expect(String(sent[0]?.record?.attributes.a)).toBe(digits);
  },
);

test('bytes that are no request are told, and nothing else happens', () => {
  const whole = protobufRequest([auditRecord({ nested: { list: [1, 'x', { deep: true }] } })], { 'service.name': 'x' });
  for (let length = 1; length < whole.length; length++) {
    expect(() => fromProtobuf(whole.subarray(0, length))).toThrow(NotOtlpError);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        fromProtobuf(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(NotOtlpError);
      }
    }),
  );
});

test.each([
  ['no JSON', '{"resourceLogs":[', 'not JSON'],
  ['a list', '[]', 'the request is not an object'],
  ['something else', '{"resourceSpans":[]}', 'no resourceLogs'],
  ['a wrong member', '{"resourceLogs":[{"scopeLogs":{}}]}', 'scopeLogs is not a list'],
])('JSON that is no request: %s', (_, body, reason) => {
  expect(() => fromJson(body)).toThrow(NotOtlpError);
  expect(() => fromJson(body)).toThrow(reason);
});

test('an empty request is one', () => {
  expect(fromJson('{}')).toEqual([]);
  expect(fromProtobuf(new Uint8Array())).toEqual([]);
});

test('what is no record costs none of the others, and is kept as it came', () => {
  const good = auditRecord();
  const request = jsonRequest([good, good]) as { resourceLogs: [{ scopeLogs: [{ logRecords: unknown[] }] }] };
  const { logRecords } = request.resourceLogs[0].scopeLogs[0];
  const bad = [{ body: { stringValue: 'a line of a log' } }, 'x', { eventName: 'x', timeUnixNano: '1e3' }];
  logRecords.splice(1, 0, ...bad);
  const found = fromJson(request);
  expect(found.map(canonical)).toEqual([canonicalRecord(good), undefined, undefined, undefined, canonicalRecord(good)]);
  expect(found.slice(1, 4).map(({ original }) => JSON.parse(original as string))).toEqual(bad);
});

test('what nests too deeply costs none of the others, and is kept as it came', () => {
  const nest = (writer: protobuf.Writer, depth: number): void => {
    message(writer, 5, () => message(writer, 1, () => depth > 0 && nest(writer, depth - 1)));
  };
  const deep = withValue((writer) => nest(writer, 200));
  const [received] = fromProtobuf(Buffer.concat([deep, protobufRequest([auditRecord()])]));
  expect(received?.unusable).toBe('nested too deeply');
  expect(Buffer.from(received?.original ?? '', 'base64').length).toBeGreaterThan(400);

  const depth = 100_000;
  const value = `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`;
  const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"x","timeUnixNano":"1",
    "observedTimeUnixNano":"1","attributes":[{"key":"a","value":${value}}]}]}]}]}`;
  const [kept] = fromJson(body);
  expect([kept?.unusable, kept?.original === body]).toEqual(['nested too deeply', true]);
});

test('a text that is none costs no other record, wherever it stands, and is kept as it came', () => {
  const good = auditRecord();
  const spoilt = (...args: Parameters<typeof protobufRequest>) => {
    const bytes = Buffer.from(protobufRequest(...args));
    const at = bytes.indexOf('no text');
    return bytes.fill(0xff, at, at + 7);
  };
  const attributes: AttributeMap[] = [{ a: 'no text' }, { 'no text': 1 }, { a: { b: ['x', 'no text'] } }];
  for (const bad of attributes) {
    const found = fromProtobuf(spoilt([good, auditRecord(bad), good]));
    expect(found.map(canonical)).toEqual([canonicalRecord(good), undefined, canonicalRecord(good)]);
    expect(found[1]?.unusable).toBe('a text that is not UTF-8');
    expect(Buffer.from(found[1]?.original ?? '', 'base64').includes(Buffer.alloc(7, 0xff))).toBe(true);
  }
  const ofBadResource = spoilt([good, good], { 'service.name': 'no text' });
  const found = fromProtobuf(Buffer.concat([ofBadResource, protobufRequest([good])]));
  const reason = 'its resource: a text that is not UTF-8';
  expect(found.map(({ unusable }) => unusable)).toEqual([reason, reason, undefined]);
});

test('a resource that can not be read costs the records of others nothing', () => {
  const good = auditRecord();
  const { resourceLogs } = jsonRequest([good]) as { resourceLogs: { resource: object }[] };
  const bad = { ...resourceLogs[0], resource: { attributes: [{ key: 'a', value: { floatValue: 1 } }] } };
  const found = fromJson({ resourceLogs: [bad, ...resourceLogs] });
  expect(found.map(({ unusable }) => unusable)).toEqual([expect.stringMatching(/^its resource: /), undefined]);
  expect(JSON.parse(found[0]?.original ?? '')).toMatchObject({ eventName: good.eventName });
});
