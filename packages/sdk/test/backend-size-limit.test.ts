import { hash } from 'node:crypto';
import { type AuditRecord, Chain, canonicalRecord, jcs, MAX_RECORD_BYTES } from '@botaudit/record';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooLong, shortened } from '../src/protection/size-limit.js';

const record = (parts: Partial<AuditRecord>): AuditRecord => ({
  eventName: 'payment.transfer',
  timestamp: '1795478400000000000',
  observedTimestamp: '1795478400000000000',
  ...parts,
  attributes: {
    'audit.record.id': '5e0b8b1c-6a52-4a7a-a1a2-3d5a5a5a5a5a',
    'audit.actor.id': 'telegram:42',
    'audit.actor.type': 'user',
    'audit.action': 'EXECUTE',
    'audit.outcome': 'success',
    ...parts.attributes,
  },
});

/** As the processor does: seal, and once more when it is too long. */
function line(original: AuditRecord): string {
  const chain = new Chain('9f1c0b1e-6a52-4a7a-a1a2-3d5a5a5a5a5a', (text) => hash('sha256', text), {
    number: 2 ** 40,
    hash: 'f'.repeat(64),
  });
  const sealed = chain.seal(original);
  return isTooLong(sealed) ? chain.seal(shortened(original)) : sealed;
}

describe('a record that is too long', () => {
  it('keeps the beginning of a long text, and names length and hash of the whole', () => {
    const text = 'Ж'.repeat(200_000);
    const { attributes } = shortened(record({ attributes: { 'error.message': text, 'bot.id': 'telegram:7' } }));
    expect(attributes['error.message']).toBe(text.slice(0, 1_024));
    expect(attributes['bot.id']).toBe('telegram:7');
    expect(attributes['bot.truncated']).toEqual([
      { name: 'error.message', length: 400_000, sha256: hash('sha256', text) },
    ]);
  });

  it('leaves out what is no text', () => {
    const list = Array.from({ length: 30_000 }, (_, index) => index);
    const { attributes } = shortened(record({ attributes: { list } }));
    expect(attributes).not.toHaveProperty('list');
    expect(attributes['bot.truncated']).toEqual([
      { name: 'list', length: jcs(list).length, sha256: hash('sha256', jcs(list)) },
    ]);
  });

  it('cuts long texts within the body before whole members of it', () => {
    const text = '\u00e9'.repeat(400_000);
    const update = { update_id: 7, message: { text, chat: { id: 42 }, entities: [{ url: text }] } };
    const original = record({ body: { text: 'short', update } });
    const { body, attributes } = shortened(original);
    const kept = text.slice(0, 1_024);
    expect(body).toEqual({
      text: 'short',
      update: { update_id: 7, message: { text: kept, chat: { id: 42 }, entities: [{ url: kept }] } },
    });
    const whole = { length: 800_000, sha256: hash('sha256', text) };
    expect(attributes['bot.truncated']).toEqual([
      { name: 'body.update.message.text', ...whole },
      { name: 'body.update.message.entities.0.url', ...whole },
    ]);
    expect(original.body).toEqual({ text: 'short', update });
  });

  it('names a member that has to go as it was, though texts within it were cut first', () => {
    const rows = Array.from({ length: 200 }, () => 'x'.repeat(3_000));
    const some = shortened(record({ body: { note: 'short', rows } })).body?.rows as string[];
    expect(some.map(({ length }) => length === 1_024 || length === 3_000)).toEqual(rows.map(() => true));
    const gone = shortened(record({ body: { note: 'short', rows: rows.concat(rows) } }));
    expect(gone.body).toEqual({ note: 'short' });
    expect(gone.attributes['bot.truncated']).toEqual([
      { name: 'body.rows', length: jcs(rows.concat(rows)).length, sha256: hash('sha256', jcs(rows.concat(rows))) },
    ]);
  });

  it('may be shorter by a rule, which takes from the body first', () => {
    const attributes = { 'bot.id': 'telegram:7', 'bot.chat.id': '42', 'audit.target.id': 'telegram:42/7' };
    const long = record({
      attributes,
      body: { text: 'x'.repeat(3_000), update: { message: { text: 'y'.repeat(3_000) } } },
    });
    const cut = shortened(long, 4_096);
    expect(cut.attributes).toMatchObject(attributes);
    expect(Buffer.byteLength(canonicalRecord(cut))).toBeLessThanOrEqual(4_096);
    expect(shortened(long, 8_192).body).toBeDefined();
    expect(isTooLong(canonicalRecord(long), 4_096)).toBe(true);
    expect(isTooLong(canonicalRecord(long), 16_384)).toBe(false);
  });

  it('cuts members of the body, and the body when nothing is left of it', () => {
    const { body, attributes } = shortened(record({ body: { rows: Array(50_000).fill('x'), note: 'short' } }));
    expect(body).toEqual({ note: 'short' });
    expect(attributes['bot.truncated']).toMatchObject([{ name: 'body.rows' }]);
    expect(shortened(record({ body: { rows: Array(50_000).fill('x') } })).body).toBeUndefined();
  });

  it('does not cut a character in two', () => {
    const text = `${'a'.repeat(1_023)}💥${'b'.repeat(300_000)}`;
    expect(shortened(record({ attributes: { text } })).attributes.text).toBe('a'.repeat(1_023));
  });

  it('shortens what every record must have, and never leaves it out', () => {
    const id = `telegram:${'9'.repeat(400_000)}`;
    expect(shortened(record({ attributes: { 'audit.actor.id': id } })).attributes['audit.actor.id']).toBe(
      id.slice(0, 1_024),
    );
  });

  it('is left as it was by whoever holds it', () => {
    const original = record({ attributes: { text: 'x'.repeat(300_000) }, body: { more: 'y'.repeat(300_000) } });
    const before = canonicalRecord(original);
    shortened(original);
    expect(canonicalRecord(original)).toBe(before);
  });

  it('fits, whatever it is made of', () => {
    // Described in few words, so that a counterexample can be read.
    const text = fc.tuple(fc.constantFrom('a', '"', '\u0001', 'ж', '💥'), fc.integer({ min: 1, max: 60_000 }));
    const member = fc.record({
      key: text,
      value: text,
      times: fc.nat(3),
      shape: fc.constantFrom('text', 'list', 'map'),
    });
    const map = (members: (typeof member extends fc.Arbitrary<infer T> ? T : never)[]) =>
      Object.fromEntries(
        members.map(({ key: [letter, n], value: [unit, length], times, shape }) => {
          const value = unit.repeat(length);
          const list = Array<string>(times).fill(value);
          return [letter.repeat(1 + (n % 90_000)), shape === 'text' ? value : shape === 'list' ? list : { list }];
        }),
      );
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 8 }),
        fc.array(member, { maxLength: 8 }),
        text,
        (attributes, body, name) => {
          const long = record({ attributes: map(attributes), body: map(body), eventName: name[0].repeat(name[1]) });
          expect(Buffer.byteLength(line(long)) <= MAX_RECORD_BYTES).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('fits when it has very many small parts, which are named together', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`attribute.number.${index}`, 'value']),
    );
    const cut = line(record({ attributes }));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(/"stringValue":"\d+ more"/.test(cut)).toBe(true);
  });

  it('fits when it has many texts, of which the beginnings alone would be too long', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [`text.${index}`, '\u0001'.repeat(2_000)]),
    );
    expect(Buffer.byteLength(line(record({ attributes }))) <= MAX_RECORD_BYTES).toBe(true);
  });

  it('that fits just so stays whole', () => {
    const { length } = line(record({ attributes: { text: '' } }));
    const fitting = record({ attributes: { text: 'x'.repeat(MAX_RECORD_BYTES - length) } });
    expect(line(fitting)).toHaveLength(MAX_RECORD_BYTES);
    expect(line(fitting)).not.toContain('bot.truncated');
    expect(line(record({ attributes: { text: 'x'.repeat(MAX_RECORD_BYTES - length + 1) } }))).toContain(
      'bot.truncated',
    );
  });
});
