import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCanonical } from '../src/canonical-reader.js';
import { type AuditRecord, canonicalRecord } from '../src/index.js';
import { decodeParsed } from '../src/parse.js';
import { record } from './arbitraries.js';

/** What the reader must never say otherwise than: parsed, written again, and compared. */
function parsedAndCompared(line: string): AuditRecord | undefined {
  try {
    const parsed = decodeParsed(line);
    return canonicalRecord(parsed) === line ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Snippets that make a line another one, or none, in ways that matter to a reader. */
const snippet = fc.constantFrom(
  ...['"', '\\', ',', ':', '{', '}', '[', ']', '0', '-', '-0', '.', 'e', '9999999999999999', ' ', '\u0000', '\ud800'],
  ...[
    '\\u0041',
    '\\/',
    '\\n',
    '😀',
    'é',
    '"a":{"intValue":1},',
    '"__proto__":{"boolValue":true},',
    'true',
    '1.0',
    '{}',
  ],
);

const mutated = fc
  .tuple(record, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.option(snippet)), { minLength: 1, maxLength: 3 }))
  .map(([one, edits]) =>
    edits.reduce((line, [place, removed, added]) => {
      const at = place % (line.length + 1);
      return line.slice(0, at) + (added ?? '') + line.slice(at + removed);
    }, canonicalRecord(one)),
  );

describe('readCanonical', () => {
  test('gives every record back', () => {
    fc.assert(
      fc.property(record, (one) => {
        const line = canonicalRecord(one);
        const read = readCanonical(line);
        // An integer of 16 digits is left to the parser.
        if (read === undefined) expect(line).toMatch(/"intValue":-?\d{16}/);
        else expect(read).toEqual(parsedAndCompared(line));
      }),
      { numRuns: 1_000 },
    );
  });

  test('accepts nothing but what parsing, writing again and comparing accepts, and reads the same', () => {
    fc.assert(
      fc.property(mutated, (line) => {
        const read = readCanonical(line);
        if (read !== undefined) expect(read).toEqual(parsedAndCompared(line));
      }),
      { numRuns: 4_000 },
    );
  });

  test.each([
    ['a key that stands twice', '"b":{"boolValue":true},"b":{"boolValue":true}'],
    ['keys out of order', '"b":{"boolValue":true},"a":{"boolValue":true}'],
    ['a zero in front', '"b":{"intValue":01}'],
    ['minus zero', '"b":{"intValue":-0}'],
    ['no digit', '"b":{"intValue":-}'],
    ['an integer as a double', '"b":{"doubleValue":1}'],
    ['a double with a zero behind', '"b":{"doubleValue":1.50}'],
    ['a double that is too large', '"b":{"doubleValue":1e999}'],
    ['an escape that needs none', '"b":{"stringValue":"\\u0041"}'],
    ['a control character', '"b":{"stringValue":"\u0001"}'],
    ['half of a surrogate pair', '"b":{"stringValue":"\ud800"}'],
    ['half of a surrogate pair, escaped', '"b":{"stringValue":"\\ud800"}'],
    ['a value of several types', '"b":{"intValue":1,"boolValue":true}'],
    ['a space', '"b": {"intValue":1}'],
    ['nothing between commas', '"b":{"intValue":1},'],
    [
      'members out of order',
      '"b":{"kvlistValue":{"values":[{"key":"z","value":{"intValue":1}},{"key":"a","value":{"intValue":1}}]}}',
    ],
    ['too deep a nest', `"b":${'{"arrayValue":{"values":['.repeat(66)}${']}}'.repeat(66)}`],
  ])('does not take %s', (_what, attributes) => {
    const line = canonicalRecord({
      eventName: 'bot.command',
      timestamp: '1',
      observedTimestamp: '1',
      attributes: {
        a0: 1,
        'audit.record.id': 'r',
        'audit.actor.id': 'a',
        'audit.actor.type': 'user',
        'audit.action': 'BAN',
        'audit.outcome': 'success',
      },
    });
    expect(readCanonical(line)).toBeDefined();
    const other = line.replace('}},"EventName"', `},${attributes}},"EventName"`);
    expect(readCanonical(other)).toBeUndefined();
    expect(parsedAndCompared(other)).toBeUndefined();
  });
});
