import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256Hex } from '../src/index.js';
import type { Link } from '../src/verify/link.js';
import { RecordWindow } from '../src/verify/record-window.js';

const link = (recordId: string, content = recordId, streamId = 'a'): Link => ({
  streamId,
  recordId,
  number: 1,
  hash: sha256Hex(content),
  previous: undefined,
  end: false,
});

const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.toUpperCase()),
  // All of these begin their search at the same place.
  fc.nat({ max: 50 }).map((n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
  fc.nat({ max: 50 }).map((n) => `00000000-0000-4000-8000_${String(n).padStart(12, '0')}`),
  fc.string({ minLength: 1, maxLength: 128 }),
  fc.string({ unit: 'binary', minLength: 36, maxLength: 36 }),
);

test('an id is known again, whatever its form, and no other one is taken for it', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), (ids) => {
      const window = new RecordWindow();
      const seen = new Set<string>();
      for (const each of ids) {
        expect(window.see(link(each)) !== undefined).toBe(seen.has(each));
        seen.add(each);
      }
    }),
  );
});

test.each([randomUUID(), randomUUID().toUpperCase(), 'record-1'])(
  'tells the same record from another one: %s',
  (one) => {
    const window = new RecordWindow();
    expect(window.see(link(one))).toBeUndefined();
    expect(window.see(link(one))).toEqual(expect.objectContaining({ streamId: 'a', number: 1, isSame: true }));
    expect(window.see(link(one, 'other'))?.isSame).toBe(false);
    expect(window.see(link(one, one, 'b'))?.isSame).toBe(false);
  },
);

test('remembers as many records as it says, and tells when it has forgotten some', () => {
  const window = new RecordWindow();
  const ids = Array.from({ length: 3 * 8192 }, (_, index) => (index % 3 === 0 ? `record-${index}` : randomUUID()));
  ids.forEach((each, index) => {
    expect(window.see(link(each))).toBeUndefined();
    expect(window.forgetful).toBe(index >= 2 * 8192);
    const back = ids[index - 8192];
    if (back !== undefined && index % 512 === 0) expect(window.see(link(back))?.isSame).toBe(true);
  });
  expect(window.see(link(ids[0]!))).toBeUndefined();
});
