import type { AttributeMap, AuditRecord } from '@botaudit/record';
import { jsonRequest, protobufRequest } from '../../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../../packages/indexer/test/support/records.ts';
import { type Bytes, inProtobuf, json, protobuf, zipped } from './requests.ts';

/** A request that is not as it should be. */
export interface BadInput {
  readonly what: string;
  /** Makes it: several are large. */
  make(): Content;
  /** How many records more than those are in it that nobody can read. Default: none. */
  readonly unreadable?: number;
  /** Default: the right token. */
  readonly authorization?: 'none' | 'wrong';
  /** The status that it gets; one each where they differ. */
  readonly answer: number | { readonly collector: number; readonly indexer: number };
  /** How many of the records, those that nobody can read included, go to the rejected ones. Default: none. */
  readonly rejected?: number;
}

interface Content {
  readonly request: Bytes;
  /** The records in it, good ones and bad ones. */
  readonly records: readonly AuditRecord[];
}

const good = () => auditRecord();

/** One bad record between two good ones. */
function among(bad: AuditRecord): Content {
  const records = [good(), bad, good()];
  return { request: inProtobuf(records), records };
}

/** One that nobody can read beside a good one. */
function besides(unreadable: AuditRecord): Content {
  const records = [good()];
  return { request: inProtobuf([...records, unreadable]), records };
}

/** A request of one good record, made unusable. */
function spoilt(spoil: (record: AuditRecord) => Bytes): Content {
  const record = good();
  return { request: spoil(record), records: [record] };
}

const members = (count: number): AttributeMap =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

const nested = (levels: number): AttributeMap => (levels === 0 ? { end: 1 } : { level: nested(levels - 1) });

/** Bytes that are no text in UTF-8, where {@link TEXT} was. */
function notText(request: Bytes): Bytes {
  const body = Buffer.from(request.body);
  for (let at = body.indexOf(TEXT); at >= 0; at = body.indexOf(TEXT)) body.fill(0xff, at, at + TEXT.length);
  return { ...request, body };
}
const TEXT = 'these bytes become no text';

const sized = (bytes: number) => auditRecord({ large: 'x'.repeat(bytes) });

/** An attribute less than a record must have. */
function without(name: string): AuditRecord {
  const record = auditRecord();
  delete record.attributes[name];
  return record;
}

export const BAD_INPUTS: readonly BadInput[] = [
  { what: 'no token', make: () => spoilt((record) => inProtobuf([record])), authorization: 'none', answer: 401 },
  { what: 'a wrong token', make: () => spoilt((record) => inProtobuf([record])), authorization: 'wrong', answer: 401 },
  {
    what: 'malformed JSON',
    make: () => spoilt((record) => json(JSON.stringify(jsonRequest([record])).slice(0, -1))),
    answer: 400,
  },
  {
    what: 'malformed protobuf',
    make: () => spoilt((record) => protobuf(protobufRequest([record]).subarray(0, -1))),
    answer: 400,
  },
  {
    what: 'not gzip, and said to be',
    make: () => spoilt((record) => ({ ...zipped(inProtobuf([record])), body: protobufRequest([record]) })),
    answer: 400,
  },
  {
    what: 'half of a gzip',
    make: () =>
      spoilt((record) => {
        const whole = zipped(inProtobuf([record]));
        return { ...whole, body: whole.body.subarray(0, whole.body.length / 2) };
      }),
    answer: 400,
  },
  {
    what: 'a request of 64 MB',
    make: () => spoilt((record) => inProtobuf([record, sized(64_000_000)])),
    answer: { collector: 400, indexer: 413 },
  },
  {
    what: 'a gzip bomb: 100 MB in 100 kB',
    make: () => spoilt((record) => zipped(inProtobuf([record, sized(100_000_000)]))),
    answer: { collector: 400, indexer: 413 },
  },
  {
    what: 'a record of 10 MB',
    make: () => among(sized(10_000_000)),
    answer: { collector: 400, indexer: 200 },
    rejected: 1,
  },
  {
    what: 'a record of 9 MB of control characters',
    make: () => among(auditRecord({ large: '\u0001'.repeat(9_000_000) })),
    answer: { collector: 400, indexer: 200 },
    rejected: 1,
  },
  {
    what: 'a record of 3 MB of control characters',
    make: () => among(auditRecord({ large: '\u0001'.repeat(3_000_000) })),
    answer: 200,
    rejected: 1,
  },
  { what: 'no attributes', make: () => among({ ...auditRecord(), attributes: {} }), answer: 200, rejected: 1 },
  { what: 'no actor', make: () => among(without('audit.actor.id')), answer: 200, rejected: 1 },
  {
    what: 'no event name',
    make: () => besides({ ...auditRecord(), eventName: '' }),
    answer: 200,
    unreadable: 1,
    rejected: 1,
  },
  {
    what: 'a value of another type than the mapping has',
    make: () => among(auditRecord({ 'audit.sequence.number': 'abc', 'bot.clock.held': 7 })),
    answer: 200,
    rejected: 1,
  },
  { what: '10,000 distinct keys', make: () => among(auditRecord(members(10_000))), answer: 200 },
  {
    what: 'dots in keys: a.b beside a: {b}, a..b, a dot alone',
    make: () => among(auditRecord({ 'a.b': 1, a: { b: 'x' }, 'a..b': 1, '.': 1, '.c': 1, 'd.': 1 })),
    answer: 200,
  },
  {
    what: '__proto__, constructor, _id as keys',
    make: () =>
      among(
        auditRecord(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"_id":"x","_source":1}')),
      ),
    answer: 200,
  },
  { what: 'an empty key', make: () => among(auditRecord({ '': 1 })), answer: 200, rejected: 1 },
  { what: '50 levels', make: () => among(auditRecord(nested(50))), answer: 200 },
  {
    what: '300 levels',
    make: () => besides(auditRecord(nested(300))),
    answer: 200,
    unreadable: 1,
    rejected: 1,
  },
  {
    what: 'a text that is not UTF-8',
    make: () => {
      const { request, records } = besides(auditRecord({ text: TEXT }));
      return { request: notText(request), records };
    },
    answer: 200,
    unreadable: 1,
    rejected: 1,
  },
];
