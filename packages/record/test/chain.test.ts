import { createHash, hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditRecord } from '../src/index.js';
import { Chain, parseRecord, sha256Hex } from '../src/index.js';
import { record, units } from './arbitraries.js';

const sha256 = (text: string): string => hash('sha256', text);

test('sha256Hex is the SHA-256 of node:crypto, at every length around a block', () => {
  for (let length = 0; length <= 200; length++) expect(sha256Hex('a'.repeat(length))).toBe(sha256('a'.repeat(length)));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), units), (text) => {
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
    }),
  );
});

test('a line is the canonical record with its place in the stream, and its hash is the next one’s previous_hash', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const chain = new Chain('stream-1', sha256);
      let previous: string | undefined;
      for (const [index, record] of records.entries()) {
        const line = chain.seal(record);
        chain.commit();
        const { attributes } = parseRecord(line);
        expect(attributes['audit.sequence.stream_id']).toBe('stream-1');
        expect(attributes['audit.sequence.number']).toBe(index + 1);
        expect(attributes['audit.sequence.previous_hash']).toBe(previous);
        expect(chain.number).toBe(index + 1);
        expect(chain.hash).toBe(sha256Hex(line));
        previous = chain.hash;
      }
    }),
  );
});

const [first, second] = fc.sample(record, { numRuns: 2, seed: 1 }) as [AuditRecord, AuditRecord];

test('a record whose append failed leaves neither a gap nor a break', () => {
  const chain = new Chain('s', sha256);
  chain.seal(first);
  const line = chain.seal(second);
  expect(chain.number).toBe(0);
  expect(chain.hash).toBeUndefined();
  chain.commit();
  expect(parseRecord(line).attributes['audit.sequence.number']).toBe(1);
  expect(chain.hash).toBe(sha256(line));
});

test('a chain goes on from the tip it is given', () => {
  const chain = new Chain('s', sha256, { number: 41, hash: sha256('x') });
  expect(parseRecord(chain.seal(first)).attributes).toMatchObject({
    'audit.sequence.number': 42,
    'audit.sequence.previous_hash': sha256('x'),
  });
});

test('the first record names no previous one, whatever it was given', () => {
  const attributes = { ...first.attributes, 'audit.sequence.previous_hash': sha256('x') };
  const line = new Chain('s', sha256).seal({ ...first, attributes });
  expect(line).not.toContain('previous_hash');
  expect(attributes).toHaveProperty('audit.sequence.previous_hash');
});

test('nothing follows the record that ends a stream, once it is committed', () => {
  const chain = new Chain('s', sha256);
  const last = { ...first, attributes: { ...first.attributes, 'audit.sequence.end': true } };
  chain.seal(last);
  chain.seal(last);
  chain.commit();
  expect(() => chain.seal(second)).toThrow(/Stream s has ended/);
});

test('there is nothing to commit before a record is sealed, nor twice', () => {
  const chain = new Chain('s', sha256);
  expect(() => chain.commit()).toThrow(/no sealed record/);
  chain.seal(first);
  chain.commit();
  expect(() => chain.commit()).toThrow(/no sealed record/);
});
