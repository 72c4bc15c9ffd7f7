import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalRecord, parseRecord } from '../src/index.js';
import { aRecord, brief, Stream, sha256, verify } from './streams.js';

/** Streams long enough for every edit to have neighbours; and an index of one of its lines. */
const LENGTH = 9;
const anyIndex = fc.nat({ max: LENGTH - 1 });

function edited(line: string, attributes: Record<string, string | number | boolean | undefined>): string {
  const record = parseRecord(line);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) delete record.attributes[key];
    else record.attributes[key] = value;
  }
  return canonicalRecord(record);
}

test('a stream written by the book and closed is intact', () => {
  for (const length of [1, 2, LENGTH]) {
    const { lines } = new Stream(length);
    expect(verify({ file: lines })).toEqual({
      intact: true,
      signed: false,
      streams: 1,
      records: length,
      unsigned: length,
      checkpoints: 0,
      keyIds: [],
      findings: [],
      omitted: 0,
    });
  }
});

test('nothing at all is intact', () => {
  expect(verify({})).toMatchObject({ intact: true, streams: 0, records: 0, findings: [] });
});

test('a stream that was not closed is intact, and its being open is noticed', () => {
  const stream = new Stream(3, { open: true });
  const { intact, findings } = verify({ file: stream.lines });
  expect(intact).toBe(true);
  expect(findings).toEqual([
    {
      stream: stream.id,
      number: 3,
      kind: 'not_closed',
      severity: 'notice',
      message:
        'record 3: the last one, yet it does not end the stream: that is still written to, or its process was killed',
    },
  ]);
});

test('a record whose content was changed is named, any but the last', () => {
  fc.assert(
    fc.property(fc.nat({ max: LENGTH - 2 }), (index) => {
      const { id, lines } = new Stream(LENGTH);
      lines[index] = edited(lines[index]!, { 'audit.outcome': 'failure' });
      const { intact, findings } = verify({ file: lines });
      expect(intact).toBe(false);
      expect(findings).toEqual([
        {
          stream: id,
          number: index + 1,
          kind: 'changed',
          severity: 'error',
          message: `record ${index + 1}: not the record that record ${index + 2} was chained to`,
        },
      ]);
    }),
  );
});

test('records next to each other that were both changed are both named', () => {
  const { lines } = new Stream(LENGTH);
  for (const index of [2, 3]) lines[index] = edited(lines[index]!, { 'audit.outcome': 'failure' });
  expect(brief(verify({ file: lines }).findings)).toEqual(['changed 3', 'changed 4']);
});

test('records that were removed are named, from the beginning on', () => {
  fc.assert(
    fc.property(anyIndex, fc.integer({ min: 1, max: 4 }), (index, count) => {
      fc.pre(index + count < LENGTH);
      const { lines } = new Stream(LENGTH);
      lines.splice(index, count);
      const last = count > 1 ? `-${index + count}` : '';
      expect(brief(verify({ file: lines }).findings)).toEqual([`removed ${index + 1}${last}`]);
    }),
  );
});

test('of records removed in many places each place is named', () => {
  const { lines } = new Stream(LENGTH);
  const kept = lines.filter((_, index) => index % 2 === 0);
  expect(brief(verify({ file: kept }).findings)).toEqual(['removed 2', 'removed 4', 'removed 6', 'removed 8']);
});

test('a record that stands a second time, anywhere, is named', () => {
  fc.assert(
    fc.property(anyIndex, fc.nat({ max: LENGTH }), (index, place) => {
      const { lines } = new Stream(LENGTH);
      lines.splice(place, 0, lines[index]!);
      expect(brief(verify({ file: lines }).findings)).toEqual([`duplicated ${index + 1}`]);
    }),
  );
});

test('a record that was moved is named', () => {
  fc.assert(
    fc.property(anyIndex, anyIndex, (from, to) => {
      fc.pre(Math.abs(from - to) > 1);
      const { lines } = new Stream(LENGTH);
      lines.splice(to, 0, ...lines.splice(from, 1));
      expect(brief(verify({ file: lines }).findings)).toEqual([`moved ${from + 1}`]);
    }),
  );
});

test('records that changed places are named: of neighbours one, of others both', () => {
  fc.assert(
    fc.property(anyIndex, anyIndex, (one, other) => {
      fc.pre(one < other);
      const { lines } = new Stream(LENGTH);
      [lines[one], lines[other]] = [lines[other]!, lines[one]!];
      const found = brief(verify({ file: lines }).findings);
      if (other - one === 1) expect(found).toEqual([`moved ${other + 1}`]);
      else if (other - one > 2) expect(found).toEqual([`moved ${one + 1}`, `moved ${other + 1}`]);
      else expect(found.filter((finding) => finding.startsWith('moved'))).toEqual(found);
      expect(found).not.toEqual([]);
    }),
  );
});

test('a record that was put in is named, however well it is made', () => {
  fc.assert(
    fc.property(anyIndex, fc.constantFrom('well', 'badly', 'far', 'back'), (index, how) => {
      const { id, lines } = new Stream(LENGTH);
      const previous = index === 0 ? undefined : sha256(lines[index - 1]!);
      const sequence = {
        well: { number: index + 1, previous },
        badly: { number: index + 1, previous: sha256('?') },
        far: { number: 1000, previous },
        back: { number: 1, previous: undefined },
      }[how];
      const added = edited(canonicalRecord(aRecord()), {
        'audit.sequence.stream_id': id,
        'audit.sequence.number': sequence.number,
        'audit.sequence.previous_hash': sequence.previous,
      });
      lines.splice(index, 0, added);
      const { intact, findings } = verify({ file: lines });
      expect(intact).toBe(false);
      expect(findings.some(({ kind }) => kind === 'added')).toBe(true);
      expect(findings.filter(({ kind }) => kind === 'changed' || kind === 'removed')).toEqual([]);
    }),
  );
});

test('what stands after the record that ended the stream is named', () => {
  const stream = new Stream(3);
  const forged = edited(stream.lines[1]!, {
    'audit.record.id': 'new',
    'audit.sequence.number': 4,
    'audit.sequence.previous_hash': stream.tip.hash,
  });
  expect(brief(verify({ file: [...stream.lines, forged] }).findings)).toEqual(['added 4']);
});

test('a line that is no record is named by the record that it stands in for, and hides no other finding', () => {
  fc.assert(
    fc.property(
      anyIndex,
      fc.constantFrom('', 'garbage', '{}', 'null', '\u0000', '{"Attributes":{}}'),
      (index, garbage) => {
        const inserted = new Stream(LENGTH).lines;
        inserted.splice(index, 0, garbage);
        expect(brief(verify({ file: inserted }).findings)).toEqual([
          index === 0 ? 'malformed' : `malformed ${index + 1}`,
        ]);
        const replaced = new Stream(LENGTH).lines;
        replaced[index] = garbage;
        const { intact, findings } = verify({ file: replaced });
        expect(intact).toBe(false);
        const errors = findings.filter(({ severity }) => severity === 'error');
        expect(brief(errors)).toEqual([index === 0 ? 'malformed' : `malformed ${index + 1}`]);
      },
    ),
    { numRuns: 500 },
  );
});
