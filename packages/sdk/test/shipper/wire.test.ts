import { canonicalRecord, recordFromOtlp } from '@botaudit/record';
import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { record } from '../../../record/test/arbitraries.ts';
import { canonicalToOtlpJson } from '../../src/shipper/otlp-json.js';
import { plainResource, toReadable } from '../../src/shipper/readable-record.js';
import { loadWire } from '../../src/shipper/wire.js';
import { someRecord } from './journal.ts';
import { requestFromProtobuf } from './otlp-protobuf.ts';

const json = await loadWire('http/json');
const protobuf = await loadWire('http/protobuf');

interface Request {
  readonly resourceLogs: readonly [
    { readonly resource: unknown; readonly scopeLogs: readonly [{ readonly logRecords: readonly unknown[] }] },
  ];
}

const parse = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString('utf8')) as Request;
const linesIn = (request: Request) =>
  request.resourceLogs[0].scopeLogs[0].logRecords.map((each) => canonicalRecord(recordFromOtlp(each)));

describe('any record', () => {
  test('arrives over JSON as the line that was sealed', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) => {
        const lines = records.map(canonicalRecord);
        const { body, unfit } = json.createEncoder({}).request(lines);
        expect(unfit).toEqual([]);
        expect(linesIn(parse(body))).toEqual(lines);
      }),
    );
  });

  test('arrives over protobuf as the line that was sealed', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const lines = records.map(canonicalRecord);
        const { body, unfit } = protobuf.createEncoder({}).request(lines);
        expect(unfit).toEqual([]);
        expect(linesIn(requestFromProtobuf(body) as unknown as Request)).toEqual(lines);
      }),
    );
  });

  test('is rewritten from its canonical line, without being parsed', () => {
    fc.assert(fc.property(record, (each) => canonicalToOtlpJson(canonicalRecord(each)) !== undefined));
  });

  test('means the same as OpenTelemetry’s serialiser makes of it', () => {
    fc.assert(
      fc.property(record, (each) => {
        const bytes = JsonLogsSerializer.serializeRequest([toReadable(each, plainResource({ a: 1 }))]) as Uint8Array;
        const theirs = parse(bytes);
        const ours = parse(json.createEncoder({ a: 1 }).request([canonicalRecord(each)]).body);
        expect(ours.resourceLogs[0].resource).toEqual({ attributes: [{ key: 'a', value: { intValue: 1 } }] });
        expect(linesIn(ours)).toEqual(linesIn(theirs));
      }),
    );
  });
});

describe('a line that is not canonical', () => {
  const line = canonicalRecord({ ...someRecord(1, { list: ['a', { b: 'c' }], text: 'x"},{"y' }), body: { z: [1] } });

  test.each([
    ['with spaces', line.replaceAll(':{', ': {')],
    ['in another order', line.replace(/^\{("Attributes":.*),("EventName":"[^"]*")/, '{$2,$1')],
  ])('but a record, %s, is sent as the record that it is', (_, odd) => {
    expect(odd).not.toBe(line);
    expect(canonicalToOtlpJson(odd)).toBeUndefined();
    const { body, unfit } = json.createEncoder({}).request([odd]);
    expect(unfit).toEqual([]);
    expect(linesIn(parse(body))).toEqual([line]);
  });

  test.each([
    ['cut short', line.slice(0, -20)],
    ['with a comma too many', line.replace('},"Body"', ',},"Body"')],
    ['without a colon', line.replace('"audit.action":', '"audit.action" ')],
    ['with something after it', `${line},{}`],
    ['with a value of unknown type', line.replace('stringValue', 'stringValues')],
    ['that is no object', '[]'],
  ])('nor a record, %s, is not sent, and the others are', (_, broken) => {
    for (const wire of [json, protobuf]) {
      const request = wire.createEncoder({}).request([line, broken, line]);
      expect(request.unfit).toEqual([{ line: broken, reason: expect.any(String) }]);
      expect(request.lines).toEqual([line, line]);
    }
  });

  test('of a record, cut anywhere or with any character changed, never gets past as another record', () => {
    const index = fc.integer({ min: 0, max: line.length - 1 });
    fc.assert(
      fc.property(index, fc.constantFrom('', '"', '{', '}', ',', ':', '\\', 'x', '1'), (at, character) => {
        const changed = line.slice(0, at) + character + line.slice(at + 1);
        const request = json.createEncoder({}).request([changed]);
        if (request.unfit.length > 0) return;
        let sent: string | undefined;
        try {
          sent = linesIn(parse(request.body))[0];
        } catch {
          // Refused by any receiver, alone.
          return;
        }
        // What arrives is what stands in the journal, changed as it is.
        expect(JSON.parse(sent ?? '')).toEqual(JSON.parse(changed));
      }),
    );
  });
});

test('the memory of a request is used again, whatever its size', async () => {
  const { Scratch } = await import('../../src/shipper/scratch.js');
  const scratch = new Scratch();
  const encoder = json.createEncoder({});
  for (const text of ['a', 'é'.repeat(70_000), '😀'.repeat(10), 'b'.repeat(200_000)]) {
    const lines = Array.from({ length: 20 }, (_, index) => canonicalRecord(someRecord(index, { text })));
    expect(linesIn(parse(encoder.request(lines, scratch).body))).toEqual(lines);
  }
});
