import { toPlain } from '@botaudit/record';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Protection } from '../src/protection/protection.js';
import { isSecretName } from '../src/protection/rules.js';
import { SECRETS } from './secret-arbitraries.js';

describe('names of members', () => {
  it.each([
    'password',
    'Password',
    'secret',
    'client_secret',
    'token',
    'botToken',
    'bot_token',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'authorization',
    'cookie',
    'Set-Cookie',
    'privateKey',
    'db.password',
    'secretAccessKey',
  ])('%s is one of a secret', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    'bot.id',
    'tokens',
    'max_tokens',
    'gen_ai.usage.input_tokens',
    'token_count',
    'key',
    'bot.chat.id',
    'nottoken',
    'passwords_checked',
    'public_key',
    'constructor',
    '__proto__',
  ])('%s is not', (name) => expect(isSecretName(name)).toBe(false));
});

describe('a value of any shape', () => {
  const planted = fc.oneof(...Object.values(SECRETS));
  /** Something, with `secret` somewhere in it. */
  const holding = (secret: string): fc.Arbitrary<unknown> =>
    fc.letrec((tie) => ({
      holder: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<unknown>(secret, new Error(`failed for ${secret}`), new Set([secret]), [`a ${secret} b`]),
        fc.tuple(fc.anything(), tie('holder')),
        fc.record({ x: tie('holder'), y: fc.anything() }),
        tie('holder').map((inner) => new Map([['k', inner]])),
        tie('holder').map((inner) => ({ [`key ${secret}`]: 1, inner })),
        tie('holder').map((inner) => ({ toJSON: () => inner })),
      ),
    })).holder;

  it('is without the secret that was planted in it, and as it was for whoever holds it', () => {
    const protection = new Protection();
    fc.assert(
      fc.property(
        planted.chain((secret) => fc.tuple(fc.constant(secret), holding(secret))),
        ([secret, value]) => {
          const text = JSON.stringify(protection.value(value)) ?? '';
          expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('without secrets comes through as toPlain makes it', () => {
    const protection = new Protection();
    const plainText = fc.string({ unit: fc.constantFrom(...'abc äж💥'), maxLength: 12 });
    const value = fc.object({
      key: plainText.filter((key) => key !== ''),
      values: [plainText, fc.integer(), fc.boolean(), fc.double()],
    });
    fc.assert(
      fc.property(value, (each) => {
        expect(protection.value(each)).toEqual(toPlain(each));
      }),
    );
  });
});
