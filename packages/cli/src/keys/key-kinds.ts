import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { keyIdOf } from '@botaudit/record';
import {
  type Curve,
  newPair,
  PseudonymKeyError,
  parsePseudonymKeys,
  pseudonymKeyLine,
  publicJwk,
  readDecryptionKeys,
  thumbprintOf,
} from '@botaudit/sdk/protection';
import { Failure } from '../failure.js';

export type KeyKind = 'signing' | 'pseudonym' | 'encryption';

/** A key that was made, as it goes into files. */
export interface NewKey {
  /** By which records, pseudonyms and encrypted fields name it. */
  readonly id: string;
  readonly privateText: string;
  /** Of a pair. */
  readonly publicText?: string;
}

/** What may be asked of a new key. */
export interface NewKeyOptions {
  /** Of a key for pseudonyms; default: the month. */
  readonly name?: string | undefined;
  /** Of a key for encryption. */
  readonly curve?: Curve | undefined;
  /** From then on a key for encryption is refused. */
  readonly expires?: Date | undefined;
}

/** Ed25519, PKCS#8 in PEM, as `signing.key_file` takes it. */
export function newSigningKey(): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicText = publicKey.export({ format: 'pem', type: 'spki' }) as string;
  return {
    id: keyIdOf(publicText),
    privateText: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicText,
  };
}

/** A line, as `protection.pseudonym.key_file` takes it. */
export function newPseudonymKey({ name = new Date().toISOString().slice(0, 7) }: NewKeyOptions): NewKey {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw Failure.usage(
      `--name ${JSON.stringify(name)} is none; allowed are up to 32 lower-case letters, digits and -`,
    );
  }
  return { id: name, privateText: `${pseudonymKeyLine(name, randomBytes(32))}\n` };
}

/** JWKs; the public one as `protection.encrypt.recipients` takes it. */
export function newEncryptionKey({ curve = 'X25519', expires }: NewKeyOptions): NewKey {
  const { privateKey, publicKey } = newPair(curve);
  const jwk = publicJwk(publicKey);
  const id = thumbprintOf(jwk);
  const common = { kid: id, use: 'enc', ...(expires && { exp: Math.floor(expires.getTime() / 1000) }) };
  return {
    id,
    privateText: jwkText({ keys: [{ ...privateKey.export({ format: 'jwk' }), ...common }] }),
    publicText: jwkText({ ...jwk, ...common }),
  };
}

const jwkText = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;

/** A file of keys with a new one before the former. */
export interface Rotated {
  readonly id: string;
  readonly formerId: string;
  readonly privateText: string;
  readonly publicText?: string;
}

/**
 * The keys for pseudonyms in `text`, with a new one at their head.
 *
 * @throws {PseudonymKeyError} when they are none.
 */
export function rotatePseudonymKey(text: string, options: NewKeyOptions): Rotated {
  const keys = parsePseudonymKeys(text);
  const taken = keys.map((key) => key.name);
  const month = new Date().toISOString().slice(0, 7);
  const free = [month, ...taken.map((_, index) => `${month}-${index + 2}`)].find((name) => !taken.includes(name));
  const { id, privateText } = newPseudonymKey({ name: options.name ?? free });
  if (taken.includes(id))
    throw new PseudonymKeyError(`holds a key of the name ${id} already; give another with --name`);
  return { id, formerId: taken[0] as string, privateText: privateText + text };
}

/**
 * The private keys for encryption in `text`, with a new one at their head: the former still decrypt what was encrypted to
 * them.
 *
 * @throws {DecryptionKeyError} when they are none.
 */
export function rotateEncryptionKey(text: string, options: NewKeyOptions): Rotated {
  const former = readDecryptionKeys(text);
  const [newest] = former as [(typeof former)[0]];
  const made = newEncryptionKey({ curve: newest.key.asymmetricKeyType === 'ec' ? 'P-256' : 'X25519', ...options });
  const { keys } = JSON.parse(made.privateText) as { keys: JsonWebKey[] };
  const jwks = former.map(({ kid, key }) => ({ ...key.export({ format: 'jwk' }), kid, use: 'enc' }));
  return { ...made, formerId: newest.kid, privateText: jwkText({ keys: [...keys, ...jwks] }) };
}

/**
 * The id and the public key of a key that signs.
 *
 * @throws {Error} when it is none.
 */
export function signingKeyIn(text: string): { readonly id: string; readonly publicText: string } {
  const key: KeyObject = createPrivateKey(text);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('another kind of key');
  const publicText = createPublicKey(key).export({ format: 'pem', type: 'spki' }) as string;
  return { id: keyIdOf(publicText), publicText };
}
