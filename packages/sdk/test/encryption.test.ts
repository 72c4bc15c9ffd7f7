import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { jcs, toPlain } from '@botaudit/record';
import fc from 'fast-check';
import * as jose from 'jose';
import { describe, expect, it } from 'vitest';
import { decrypt, readDecryptionKeys } from '../src/protection/decryption.js';
import { Encryption } from '../src/protection/encryption.js';
import { type Curve, publicJwk, thumbprintOf } from '../src/protection/key-agreement.js';
import { RecipientError, readRecipient } from '../src/protection/recipients.js';

function pairOf(curve: Curve) {
  const pair = curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ format: 'pem', type }) as string;
  const jwk = publicJwk(pair.publicKey);
  return {
    kid: thumbprintOf(jwk),
    jwk,
    recipient: readRecipient(pem(pair.publicKey, 'spki')),
    publicPem: pem(pair.publicKey, 'spki'),
    privatePem: pem(pair.privateKey, 'pkcs8'),
    privateJwk: pair.privateKey.export({ format: 'jwk' }),
  };
}

const CURVES = ['X25519', 'P-256'] as const;
const PAIRS = { X25519: pairOf('X25519'), 'P-256': pairOf('P-256') };
const VALUE = { text: 'to whom it may concern', ids: [1, 2.5, true] };

describe('what is encrypted to one auditor', () => {
  it.each(CURVES)('with %s, jose decrypts, and so do we', async (curve) => {
    const { kid, recipient, privateJwk, privatePem } = PAIRS[curve];
    const text = new Encryption([recipient]).begin()(VALUE);
    const { plaintext, protectedHeader } = await jose.compactDecrypt(text, await jose.importJWK(privateJwk, 'ECDH-ES'));
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(VALUE);
    expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid });
    expect(await jose.calculateJwkThumbprint(privateJwk as jose.JWK)).toBe(kid);
    expect(decrypt(text, readDecryptionKeys(privatePem))).toEqual({ state: 'decrypted', value: VALUE });
  });

  it.each(
    CURVES.flatMap(
      (curve) =>
        [
          [curve, 'ECDH-ES'],
          [curve, 'ECDH-ES+A256KW'],
        ] as const,
    ),
  )('by jose with %s and %s, we decrypt', async (curve, alg) => {
    const { kid, publicPem, privateJwk } = PAIRS[curve];
    const text = await new jose.CompactEncrypt(new TextEncoder().encode('a text'))
      .setProtectedHeader({ alg, enc: 'A256GCM', kid })
      .setKeyManagementParameters({ apu: new Uint8Array([1, 2]), apv: new Uint8Array([3]) })
      .encrypt(createPublicKey(publicPem));
    expect(decrypt(text, readDecryptionKeys(JSON.stringify(privateJwk)))).toEqual({
      state: 'decrypted',
      value: 'a text',
    });
  });
});

describe('what is encrypted to several', () => {
  const both = new Encryption(CURVES.map((curve) => PAIRS[curve].recipient));

  it.each(CURVES)('each decrypts with his own key: %s', async (curve) => {
    const text = both.begin()(VALUE);
    const { kid, privateJwk, privatePem } = PAIRS[curve];
    const { plaintext } = await jose.generalDecrypt(
      JSON.parse(text),
      await jose.importJWK(privateJwk, 'ECDH-ES+A256KW'),
    );
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(VALUE);
    expect(decrypt(text, readDecryptionKeys(privatePem))).toEqual({ state: 'decrypted', value: VALUE });
    expect(both.kids).toContain(kid);
    expect(text).toBe(jcs(JSON.parse(text)));
  });

  it('by jose, we decrypt', async () => {
    const encrypt = new jose.GeneralEncrypt(new TextEncoder().encode('{"a":1}')).setProtectedHeader({
      enc: 'A256GCM',
      cty: 'json',
    });
    for (const curve of CURVES) {
      const { kid, publicPem } = PAIRS[curve];
      encrypt.addRecipient(createPublicKey(publicPem)).setUnprotectedHeader({ alg: 'ECDH-ES+A256KW', kid });
    }
    const text = JSON.stringify(await encrypt.encrypt());
    for (const curve of CURVES) {
      expect(decrypt(text, readDecryptionKeys(PAIRS[curve].privatePem))).toEqual({
        state: 'decrypted',
        value: { a: 1 },
      });
    }
  });
});

it('values of a record share the agreement, and no two their nonce; those of another record share nothing', () => {
  const encryption = new Encryption([PAIRS.X25519.recipient]);
  const record = encryption.begin();
  const [one, two, three] = [record('same'), record('same'), encryption.begin()('same')].map((text) => text.split('.'));
  expect(one?.[0]).toBe(two?.[0]);
  expect(one?.[2]).not.toBe(two?.[2]);
  expect(one?.[3]).not.toBe(two?.[3]);
  expect(three?.[0]).not.toBe(one?.[0]);
});

it('any plain value comes back as it was, of both forms', () => {
  const keys = readDecryptionKeys(JSON.stringify({ keys: CURVES.map((curve) => PAIRS[curve].privateJwk) }));
  const forms = [[PAIRS['P-256'].recipient], CURVES.map((curve) => PAIRS[curve].recipient)].map(
    (each) => new Encryption(each),
  );
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      const value = toPlain(anything);
      if (value === undefined) return;
      for (const form of forms) expect(decrypt(form.begin()(value), keys)).toEqual({ state: 'decrypted', value });
    }),
    { numRuns: 60 },
  );
});

describe('what cannot be decrypted', () => {
  const { recipient, privatePem } = PAIRS.X25519;
  const text = new Encryption([recipient]).begin()(VALUE);

  it('is told from what was changed, and from what is not encrypted', () => {
    expect(decrypt(text, readDecryptionKeys(PAIRS['P-256'].privatePem))).toEqual({
      state: 'no-key',
      kids: [PAIRS.X25519.kid],
    });
    const parts = text.split('.');
    for (const index of [2, 3, 4]) {
      const changed = parts.with(index, `${parts[index]?.startsWith('A') ? 'B' : 'A'}${parts[index]?.slice(1)}`);
      expect(decrypt(changed.join('.'), readDecryptionKeys(privatePem)).state).toBe('broken');
    }
    const shortTag = parts.with(
      4,
      Buffer.from(parts[4] ?? '', 'base64url')
        .subarray(0, 8)
        .toString('base64url'),
    );
    expect(decrypt(shortTag.join('.'), readDecryptionKeys(privatePem)).state).toBe('broken');
    for (const plain of [
      '',
      'text',
      'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
      '{"ciphertext":1}',
      '{"a":"\\"ciphertext\\""}',
      '{',
    ]) {
      expect(decrypt(plain, readDecryptionKeys(privatePem)).state).toBe('plain');
    }
  });

  it('never throws, whatever stands there', () => {
    const keys = readDecryptionKeys(privatePem);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(fc.base64String(), { minLength: 5, maxLength: 5 }).map((all) => `eyJ${all.join('.')}`),
        ),
        (any) => {
          expect(decrypt(any, keys).state).not.toBe('decrypted');
        },
      ),
    );
  });
});

describe('a public key is refused, in words that name it', () => {
  const { jwk, kid, publicPem, privatePem, privateJwk } = PAIRS.X25519;
  const json = (members: object) => JSON.stringify({ ...jwk, ...members });
  const spki = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;
  it.each<[string, string, string]>([
    ['a private key in PEM', privatePem, 'is a private key'],
    ['a private key as JWK', JSON.stringify(privateJwk), 'is a private key'],
    ['a set', JSON.stringify({ keys: [jwk] }), 'is a set of keys'],
    ['one that signs', spki(generateKeyPairSync('ed25519').publicKey), 'is a key of another kind, ed25519'],
    [
      'another curve',
      spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey),
      'another kind, ec on secp384r1',
    ],
    ['RSA', spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'is a key of another kind, rsa'],
    ['one for signatures', json({ use: 'sig' }), `(${kid}) is not for encryption`],
    ['one that has expired', json({ exp: 1_000_000_000 }), `(${kid}) has expired on 2001-09-09`],
    [
      'one that says that it were another',
      json({ kid: thumbprintOf(PAIRS['P-256'].jwk) }),
      'it was changed or swapped',
    ],
    ['the point of order 1', json({ x: Buffer.alloc(32).toString('base64url') }), 'its point is of low order'],
    ['a point of order 8', json({ x: '4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA' }), 'its point is of low order'],
    [
      'a point that is not on the curve',
      JSON.stringify({ ...PAIRS['P-256'].jwk, y: PAIRS['P-256'].jwk.x }),
      'is no valid public key',
    ],
    ['half a PEM', publicPem.slice(0, 60), 'is no valid public key'],
    ['a text', 'hello', 'is no public key (JWK, or PEM)'],
    ['nothing', '', 'is no public key (JWK, or PEM)'],
  ])('%s', (_, text, message) => {
    expect(() => readRecipient(text)).toThrow(RecipientError);
    expect(() => readRecipient(text)).toThrow(message);
    try {
      readRecipient(text);
    } catch (error) {
      expect(String(error)).not.toContain(String(privateJwk.d));
    }
  });

  it('where it is not the one that was pinned', () => {
    expect(readRecipient(publicPem, kid).kid).toBe(kid);
    expect(() => readRecipient(publicPem, PAIRS['P-256'].kid)).toThrow('it was swapped');
  });
});

describe('a private key is refused, and not shown', () => {
  it.each<[string, string, string]>([
    ['a public key in PEM', PAIRS.X25519.publicPem, 'is the public key'],
    ['a public key as JWK', JSON.stringify(PAIRS.X25519.jwk), 'holds a public key'],
    [
      'one that signs',
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
      'another kind, ed25519',
    ],
    ['an empty set', '{"keys":[]}', 'holds no key'],
    ['a text', 'hello', 'is no private key'],
  ])('%s', (_, text, message) => expect(() => readDecryptionKeys(text)).toThrow(message));

  it('PKCS#8 and JWK are one key', () => {
    const { privatePem, privateJwk, kid } = PAIRS['P-256'];
    expect(readDecryptionKeys(privatePem)[0]?.kid).toBe(kid);
    expect(readDecryptionKeys(JSON.stringify(privateJwk))[0]?.kid).toBe(kid);
    expect(createPrivateKey(privatePem).equals(readDecryptionKeys(privatePem)[0]?.key as KeyObject)).toBe(true);
  });
});
