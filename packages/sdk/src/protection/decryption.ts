import { createDecipheriv, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type AttributeValue, toPlain } from '@botaudit/record';
import { WRAP_IV } from './encryption.js';
import { type AgreementJwk, agreedKey, curveOf, keyOfJwk, publicJwk, thumbprintOf } from './key-agreement.js';

/** An auditor's private key. */
export interface DecryptionKey {
  /** RFC 7638 thumbprint of the public one. */
  readonly kid: string;
  readonly key: KeyObject;
}

/** A text or a file holds no private key that decrypts. Says nothing of what it holds. */
export class DecryptionKeyError extends Error {
  override readonly name = 'DecryptionKeyError';
}

/**
 * The private keys in a text: a JWK, a set of such (`{"keys":[…]}`), or PKCS#8 in PEM; X25519 or P-256.
 *
 * @throws {DecryptionKeyError}
 */
export function readDecryptionKeys(text: string): readonly DecryptionKey[] {
  const keys = parse(text.trim());
  if (keys.length === 0) throw new DecryptionKeyError('holds no key');
  return keys.map((key) => {
    if (curveOf(key) === undefined) {
      throw new DecryptionKeyError(`holds a key of another kind, ${key.asymmetricKeyType}; X25519 and P-256 decrypt`);
    }
    return { kid: thumbprintOf(publicJwk(createPublicKey(key))), key };
  });
}

function parse(text: string): KeyObject[] {
  if (text.includes('-----BEGIN ENCRYPTED')) throw new DecryptionKeyError('is encrypted; decrypt it first');
  if (text.includes('-----BEGIN PUBLIC')) throw new DecryptionKeyError('is the public key; the private one decrypts');
  try {
    if (!text.startsWith('{')) return [createPrivateKey(text)];
    const { keys, ...jwk } = JSON.parse(text) as { keys?: JsonWebKey[] } & JsonWebKey;
    const all = keys ?? [jwk];
    if (all.some(({ d }) => d === undefined)) {
      throw new DecryptionKeyError('holds a public key; the private one decrypts');
    }
    return all.map((key) => createPrivateKey({ key, format: 'jwk' }));
  } catch (error) {
    if (error instanceof DecryptionKeyError) throw error;
    // What parsers say could quote the key.
    throw new DecryptionKeyError('is no private key (JWK, a set of JWKs, or PKCS#8 in PEM)');
  }
}

/** What came of the attempt to decrypt a text. */
export type Decrypted =
  | { readonly state: 'decrypted'; readonly value: AttributeValue }
  /** It is encrypted to others: their keys. */
  | { readonly state: 'no-key'; readonly kids: readonly string[] }
  /** It is encrypted to a key that is there, and was changed since, or is of a form that is not ours. */
  | { readonly state: 'broken'; readonly kids: readonly string[] }
  /** It is not encrypted. */
  | { readonly state: 'plain' };

interface Header {
  readonly alg?: string;
  readonly enc?: string;
  readonly cty?: string;
  readonly kid?: string;
  readonly epk?: AgreementJwk;
  readonly apu?: string;
  readonly apv?: string;
}

interface Jwe {
  /** As it is authenticated. */
  readonly protected: string;
  readonly recipients: readonly { readonly header: Header; readonly encryptedKey: string }[];
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** Decrypts a text that `Encryption`, or anyone else who follows RFC 7516, has encrypted with these algorithms. Never throws. */
export function decrypt(text: string, keys: readonly DecryptionKey[]): Decrypted {
  const jwe = parseJwe(text);
  if (!jwe) return { state: 'plain' };
  const kids = jwe.recipients.map(({ header }) => header.kid ?? 'unnamed');
  for (const { header, encryptedKey } of jwe.recipients) {
    // One that names no key may be for any.
    const candidates = keys.filter(({ kid }) => header.kid === undefined || header.kid === kid);
    for (const { key } of candidates) {
      try {
        const bytes = open(jwe, contentKey(header, encryptedKey, key));
        return { state: 'decrypted', value: contentOf(bytes.toString('utf8'), header) };
      } catch {
        // Not with this key: the next may be right, and when none is that is told.
      }
    }
    if (candidates.length > 0) return { state: 'broken', kids };
  }
  return { state: 'no-key', kids };
}

function contentKey({ alg, enc, epk, apu, apv }: Header, encryptedKey: string, key: KeyObject): Buffer {
  if (!epk || enc !== 'A256GCM') throw new Error('another algorithm');
  const publicKey = keyOfJwk(epk);
  if (alg === 'ECDH-ES') return agreedKey(key, publicKey, enc, { apu, apv });
  if (alg !== 'ECDH-ES+A256KW') throw new Error('another algorithm');
  const decipher = createDecipheriv('id-aes256-wrap', agreedKey(key, publicKey, alg, { apu, apv }), WRAP_IV);
  return Buffer.concat([decipher.update(encryptedKey, 'base64url'), decipher.final()]);
}

function open(jwe: Jwe, key: Buffer): Buffer {
  const tag = Buffer.from(jwe.tag, 'base64url');
  // A shorter one would be easier to guess.
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(jwe.iv, 'base64url'), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(jwe.protected, 'latin1'));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(jwe.ciphertext, 'base64url'), decipher.final()]);
}

function contentOf(text: string, { cty }: Header): AttributeValue {
  return cty === 'json' ? (toPlain(JSON.parse(text)) ?? '') : text;
}

const COMPACT = /^(eyJ[\w-]+)\.([\w-]*)\.([\w-]+)\.([\w-]*)\.([\w-]+)$/;

function parseJwe(text: string): Jwe | undefined {
  try {
    const [, header, encryptedKey = '', iv = '', ciphertext = '', tag = ''] = COMPACT.exec(text) ?? [];
    if (header !== undefined) {
      const parsed = headerOf(header);
      if (parsed.enc === undefined) return undefined;
      return { protected: header, recipients: [{ header: parsed, encryptedKey }], iv, ciphertext, tag };
    }
    if (!text.startsWith('{') || !text.includes('"ciphertext"')) return undefined;
    return parseJson(text);
  } catch {
    // Whatever else a text may be that begins so.
    return undefined;
  }
}

interface JsonJwe extends Omit<Jwe, 'recipients'> {
  readonly recipients?: readonly { readonly header?: Header; readonly encrypted_key?: string }[];
  readonly unprotected?: Header;
  readonly header?: Header;
  readonly encrypted_key?: string;
}

/** General, or flattened for one. */
function parseJson(text: string): Jwe | undefined {
  const { recipients, unprotected, header, encrypted_key, ...jwe } = JSON.parse(text) as JsonJwe;
  if (![jwe.ciphertext, jwe.iv, jwe.tag, jwe.protected].every((part) => typeof part === 'string')) return undefined;
  const common = { ...unprotected, ...headerOf(jwe.protected) };
  const all = recipients ?? [{ header, encrypted_key }];
  return {
    ...jwe,
    recipients: all.map((each) => ({
      header: { ...each.header, ...common },
      encryptedKey: each.encrypted_key ?? '',
    })),
  };
}

function headerOf(encoded: string): Header {
  return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as Header;
}
