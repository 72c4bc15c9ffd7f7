import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  CheckpointFormatError,
  type CheckpointTip,
  canonicalCheckpoint,
  NO_CHECKPOINT_HASH,
  parseCheckpoint,
} from '../src/index.js';
import { aTip } from './signer.js';
import { sha256 } from './streams.js';

const checkpoint = (changes: object = {}): Checkpoint => ({
  prev_hash: NO_CHECKPOINT_HASH,
  seq: 1,
  timestamp: '2026-11-24T04:00:00Z',
  tips: [aTip()],
  ...changes,
});
const without = (value: object, member: string) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== member));

type Case = [what: string, json: unknown, member: string | undefined, reason: string | RegExp];

/** What is wrong with a checkpoint, as an object and, where JSON can say it, as the text of that. */
function refusal(json: unknown): { member: string | undefined; reason: string } {
  const errors = [() => canonicalCheckpoint(json as Checkpoint), () => parseCheckpoint(JSON.stringify(json))].map(
    thrown,
  );
  expect(errors[1]).toEqual(errors[0]);
  return errors[0]!;
}

function thrown(run: () => unknown): { member: string | undefined; reason: string } {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointFormatError);
    const { member, reason } = error as CheckpointFormatError;
    return { member, reason };
  }
  throw new Error('it was taken for a checkpoint');
}

const anyTip: fc.Arbitrary<CheckpointTip> = fc.record({
  stream_id: fc.oneof(
    fc.uuid(),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom('a', 'a\u0000', 'aa', 'b', '\u{10000}', '\ue000', '__proto__', '"\\\n'),
  ),
  epoch: fc.oneof(fc.nat({ max: 12 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  sequence_number: fc.maxSafeNat(),
  tip_hash: fc.integer().map((seed) => sha256(String(seed))),
  entry_count: fc.maxSafeNat(),
});
const anyCheckpoint: fc.Arbitrary<Checkpoint> = fc.record({
  prev_hash: fc.integer().map((seed) => sha256(String(seed))),
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  timestamp: fc
    .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    .map((date) => date.toISOString().replace(/\.\d+Z/, 'Z')),
  tips: fc.uniqueArray(anyTip, { selector: ({ stream_id, epoch }) => `${epoch} ${stream_id}`, maxLength: 6 }),
});

describe('the canonical form', () => {
  test('is RFC 8785 over the sorted tips, whatever the order they and the members come in', () => {
    fc.assert(
      fc.property(anyCheckpoint, fc.infiniteStream(fc.nat()), (one, seeds) => {
        const canonical = canonicalCheckpoint(one);
        const shuffled = one.tips.map((tip) => ({ tip, at: seeds.next().value })).sort((a, b) => a.at - b.at);
        const tips = shuffled.map(
          ({ tip }) => Object.fromEntries(Object.entries(tip).reverse()) as unknown as CheckpointTip,
        );
        const { prev_hash, seq, timestamp } = one;
        expect(canonicalCheckpoint({ tips, timestamp, prev_hash, seq })).toBe(canonical);
        expect(canonical).toBe(canonicalize(JSON.parse(canonical)));
        expect(canonicalCheckpoint(parseCheckpoint(canonical))).toBe(canonical);
        expect(parseCheckpoint(Buffer.from(canonical))).toEqual(parseCheckpoint(canonical));
      }),
    );
  });

  test('sorts by code points, not by UTF-16 units or length, then by epoch as a number', () => {
    const order = (...tips: [string, number][]) => {
      const given = tips.map(([stream_id, epoch]) => aTip({ stream_id, epoch }));
      return parseCheckpoint(canonicalCheckpoint(checkpoint({ tips: given }))).tips.map(({ stream_id, epoch }) => [
        stream_id,
        epoch,
      ]);
    };
    expect(order(['\u{10000}', 0], ['\ue000', 0])).toEqual([
      ['\ue000', 0],
      ['\u{10000}', 0],
    ]);
    expect(order(['b', 0], ['aa', 0], ['a\u0000', 0], ['a', 0]).map(([id]) => id)).toEqual(['a', 'a\u0000', 'aa', 'b']);
    expect(order(['s', 10], ['s', 2], ['s', 0])).toEqual([
      ['s', 0],
      ['s', 2],
      ['s', 10],
    ]);
    expect(order(['s', 1], ['s-1', 0], ['s', 10])).toEqual([
      ['s', 1],
      ['s', 10],
      ['s-1', 0],
    ]);
  });

  test('has no epoch where none was given', () => {
    const old = checkpoint({ tips: [without(aTip(), 'epoch')] });
    expect(canonicalCheckpoint(old)).not.toContain('epoch');
    expect(parseCheckpoint(canonicalCheckpoint(old)).tips[0]).not.toHaveProperty('epoch');
  });
});

describe('is refused, with the member at fault:', () => {
  test.each<Case>([
    ['no object', [], undefined, 'not an object'],
    ['null', null, undefined, 'not an object'],
    ['a text', 'seq', undefined, 'not an object'],
    ['an unknown member', checkpoint({ note: 1 }), undefined, 'has a member that none has, "note"'],
    [
      'an unknown member of a tip',
      checkpoint({ tips: [aTip(), { ...aTip({ epoch: 1 }), x: null }] }),
      'tips[1]',
      /"x"/,
    ],
    ['no prev_hash', without(checkpoint(), 'prev_hash'), 'prev_hash', 'is missing'],
    ['prev_hash null', checkpoint({ prev_hash: null }), 'prev_hash', /lower-case hex/],
    ['prev_hash in upper case', checkpoint({ prev_hash: NO_CHECKPOINT_HASH.toUpperCase() }), 'prev_hash', /lower-case/],
    ['prev_hash too short', checkpoint({ prev_hash: 'aa' }), 'prev_hash', /SHA-256/],
    ['no seq', without(checkpoint(), 'seq'), 'seq', 'is missing'],
    ...[0, -1, 1.5, 2 ** 53, '1', true, null, [1]].map(
      (seq): Case => [`seq ${JSON.stringify(seq)}`, checkpoint({ seq }), 'seq', /whole number from 1/],
    ),
    ...[
      '2026-11-24T04:00:00.000Z',
      '2026-11-24T04:00:00+00:00',
      '2026-11-24t04:00:00z',
      '2026-11-24 04:00:00Z',
      '2026-11-24T04:00Z',
      '2026-11-24T04:00:00Z\n',
      '٢026-11-24T04:00:00Z',
      '',
      1795478400,
      null,
    ].map((timestamp): Case => {
      return [`timestamp ${JSON.stringify(timestamp)}`, checkpoint({ timestamp }), 'timestamp', /YYYY-MM-DD/];
    }),
    ...['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-24T24:00:00Z', '2016-12-31T23:59:60Z'].map(
      (timestamp): Case => [`timestamp ${timestamp}`, checkpoint({ timestamp }), 'timestamp', 'is no point in time'],
    ),
    ['no tips', without(checkpoint(), 'tips'), 'tips', 'is missing'],
    ['tips null', checkpoint({ tips: null }), 'tips', 'is not a list'],
    ['tips an object', checkpoint({ tips: { 0: aTip() } }), 'tips', 'is not a list'],
    ['a tip null', checkpoint({ tips: [aTip(), null] }), 'tips[1]', 'is not an object'],
    ['stream_id of another type', checkpoint({ tips: [aTip({ stream_id: 7 as never })] }), 'tips[0].stream_id', /text/],
    ['stream_id empty', checkpoint({ tips: [aTip({ stream_id: '' })] }), 'tips[0].stream_id', /text/],
    [
      'half of a surrogate pair',
      checkpoint({ tips: [aTip({ stream_id: 'a\ud800' })] }),
      'tips[0].stream_id',
      /surrogate/,
    ],
    ['no stream_id', checkpoint({ tips: [without(aTip(), 'stream_id')] }), 'tips[0].stream_id', 'is missing'],
    ['tip_hash null', checkpoint({ tips: [{ ...aTip(), tip_hash: null }] }), 'tips[0].tip_hash', /SHA-256/],
    ...[-1, 0.5, 2 ** 53, '1', true, null].flatMap((value) =>
      ['epoch', 'sequence_number', 'entry_count'].map(
        (name): Case => [
          `${name} ${JSON.stringify(value)}`,
          checkpoint({ tips: [{ ...aTip(), [name]: value }] }),
          `tips[0].${name}`,
          /whole number from 0/,
        ],
      ),
    ),
    [
      'two tips of one stream and epoch',
      checkpoint({ tips: [aTip(), aTip({ epoch: 1 }), aTip({ entry_count: 9 })] }),
      'tips[2]',
      'is of the stream and epoch of another tip',
    ],
    [
      'two tips of one stream, without epochs',
      checkpoint({ tips: [without(aTip(), 'epoch'), without(aTip(), 'epoch')] }),
      'tips[1]',
      'is of the stream and epoch of another tip',
    ],
    [
      'an epoch that others have',
      checkpoint({
        tips: [aTip({ stream_id: 'a' }), without(aTip({ stream_id: 'b' }), 'epoch'), aTip({ stream_id: 'c' })],
      }),
      'tips[1].epoch',
      'is missing',
    ],
  ])('%s', (_, json, member, reason) => {
    const refused = refusal(json);
    expect(refused.member).toBe(member);
    expect(refused.reason).toMatch(reason);
  });

  const canonical = canonicalCheckpoint(checkpoint({ tips: [aTip({ stream_id: 'a' }), aTip({ stream_id: 'é😀' })] }));
  test.each<[string, string | Uint8Array, RegExp]>([
    ['no JSON', 'checkpoint', /not JSON/],
    ['nothing', '', /not JSON/],
    ['a space', canonical.replace(',', ', '), /canonical/],
    ['a newline at the end', `${canonical}\n`, /canonical/],
    ['a byte order mark', `\ufeff${canonical}`, /not JSON/],
    ['an escape that is not needed', canonical.replace('é', '\\u00e9'), /canonical/],
    ['a pair of escapes', canonical.replace('😀', '\\ud83d\\ude00'), /canonical/],
    ['another spelling of a number', canonical.replace('"seq":1', '"seq":1.0'), /canonical/],
    ['an exponent', canonical.replace('"entry_count":7', '"entry_count":7e0'), /canonical/],
    ['a negative zero', canonical.replace('"epoch":0', '"epoch":-0'), /canonical/],
    ['a member twice', canonical.replace('"seq":1', '"seq":1,"seq":1'), /canonical/],
    ['members in another order', canonical.replace(/("seq":1),("timestamp":"[^"]*")/, '$2,$1'), /canonical/],
    ['a member called __proto__', canonical.replace('"seq":1', '"__proto__":{},"seq":1'), /"__proto__"/],
    ['not UTF-8', Buffer.from(canonical, 'latin1'), /not UTF-8/],
    ['bytes after it', Buffer.concat([Buffer.from(canonical), Buffer.from([0])]), /not JSON/],
    ['nested deeply', '['.repeat(100_000), /not JSON/],
  ])('%s', (_, text, reason) => {
    expect(() => parseCheckpoint(text)).toThrow(reason);
  });

  test('tips out of order', () => {
    const { tips } = JSON.parse(canonical) as Checkpoint;
    const unsorted = canonicalize({ ...checkpoint(), tips: tips.toReversed() }) as string;
    expect(thrown(() => parseCheckpoint(unsorted))).toEqual({ member: 'tips[1]', reason: 'is out of order' });
  });

  test('any text but the canonical one', () => {
    fc.assert(
      fc.property(anyCheckpoint, fc.nat(), fc.integer({ min: 0, max: 127 }), (one, place, code) => {
        const text = canonicalCheckpoint(one);
        const at = place % text.length;
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        let parsed: Checkpoint | undefined;
        try {
          parsed = parseCheckpoint(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointFormatError);
        }
        // Another one may come of it, but never the same one under another text.
        if (parsed) expect(canonicalCheckpoint(parsed)).toBe(changed);
      }),
    );
  });

  test('whatever it is given, with that error and no other, and without a terminal acting on it', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
        expect(() => canonicalCheckpoint(value as Checkpoint)).toThrow(CheckpointFormatError);
      }),
    );
    const error = thrown(() => parseCheckpoint('{"\\u001b[2J":1}'));
    expect(error.reason).toBe('has a member that none has, "?[2J"');
  });
});
