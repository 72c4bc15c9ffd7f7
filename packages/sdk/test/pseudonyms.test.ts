import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedHash } from '../src/protection/keyed-hash.js';
import { PseudonymKeyError, Pseudonyms, parsePseudonymKeys, pseudonymKeyLine } from '../src/protection/pseudonyms.js';

const secret = randomBytes(32);
const line = pseudonymKeyLine('2026-11', secret);
const pseudonyms = (...lines: string[]) => new Pseudonyms(parsePseudonymKeys(lines.join('\n')));

describe('a pseudonym', () => {
  it('is the HMAC-SHA-256 of the id, its first 132 bits, with the key named and the namespace kept', () => {
    const hmac = createHmac('sha256', secret).update('telegram:42').digest('base64url').slice(0, 22);
    expect(pseudonyms(line).of('telegram:42', undefined)).toBe(`telegram:~2026-11.${hmac}`);
  });

  it('is the HMAC of any text, however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (text, times) => {
        const id = text.repeat(times).toWellFormed();
        const hmac = createHmac('sha256', secret).update(id).digest('base64url');
        expect(new KeyedHash(createSecretKey(secret)).of(id)).toBe(hmac);
      }),
    );
  });

  it('of an id that stands without its namespace is the same', () => {
    expect(`telegram:${pseudonyms(line).of('42', 'telegram')}`).toBe(pseudonyms(line).of('telegram:42', undefined));
    expect(pseudonyms(line).of('telegram:42', 'discord')).toBe(pseudonyms(line).of('telegram:42', undefined));
  });

  it('is the same in every process that has the key, and another for another id or key', () => {
    const id = fc
      .tuple(fc.constantFrom('telegram', 'slack'), fc.string({ minLength: 1 }))
      .map((parts) => parts.join(':'));
    const other = pseudonyms(pseudonymKeyLine('2026-11', randomBytes(32)));
    fc.assert(
      fc.property(id, id, (one, two) => {
        expect(pseudonyms(line).of(one, undefined)).toBe(pseudonyms(line).of(one, undefined));
        expect(pseudonyms(line).of(one, undefined) === pseudonyms(line).of(two, undefined)).toBe(one === two);
        expect(other.of(one, undefined)).not.toBe(pseudonyms(line).of(one, undefined));
        expect(pseudonyms(line).of(one, undefined)).toMatch(/^(?:telegram|slack):~2026-11\.[\w-]{22}$/);
      }),
    );
  });

  it('is not made of what is nobody', () => {
    for (const id of ['unknown', 'anonymous', 'service:payments']) {
      expect(pseudonyms(line).of(id, 'telegram')).toBe(id);
    }
    expect(pseudonyms(line).of('unknown', undefined)).toBe('unknown');
  });

  it('of a former key is found beside that of the present one', () => {
    const next = pseudonymKeyLine('2027-01', randomBytes(32));
    const before = pseudonyms(line).of('telegram:42', undefined);
    const rotated = pseudonyms(next, line);
    expect(rotated.of('telegram:42', undefined)).toContain('~2027-01.');
    expect(rotated.everOf('telegram:42')).toEqual([rotated.of('telegram:42', undefined), before]);
  });
});

describe('a text with keys', () => {
  it('may have comments, empty lines, and its lines parted as an environment variable has them', () => {
    const keys = parsePseudonymKeys(
      `# of the moderation bot\n\n${line}\\nold:${randomBytes(32).toString('base64url')}\n`,
    );
    expect(keys.map(({ name }) => name)).toEqual(['2026-11', 'old']);
  });

  it.each([
    ['nothing', '', 'holds no key'],
    ['a key of another kind', '-----BEGIN PRIVATE KEY-----', 'key 1 is a key of another kind'],
    ['a key that is too short', `a:${randomBytes(16).toString('base64url')}`, 'key 1 is none'],
    ['no name', `:${secret.toString('base64url')}`, 'key 1 is none'],
    ['two of one name', `${line}\n${line}`, 'holds two keys of the name 2026-11'],
  ])('%s is refused, and not shown', (_, text, message) => {
    expect(() => parsePseudonymKeys(text)).toThrow(PseudonymKeyError);
    expect(() => parsePseudonymKeys(text)).toThrow(message);
    try {
      parsePseudonymKeys(text);
    } catch (error) {
      expect(String(error)).not.toContain(secret.toString('base64url'));
    }
  });
});
