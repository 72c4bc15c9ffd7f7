import { fromBase64 } from '../base64.js';
import { PublicKeyError } from '../errors.js';
import { sha256OfBytes } from '../sha256.js';

/**
 * An Ed25519 public key: its 32 bytes, the same as 64 hex digits, a SubjectPublicKeyInfo (RFC 8410) as DER, or that as
 * PEM, which is what `openssl pkey -pubout` writes.
 */
export type PublicKey = string | Uint8Array;

const KEY_BYTES = 32;

/** What precedes the key in its SubjectPublicKeyInfo: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING { … } }. */
const SPKI_START = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const HEX = /^[0-9a-f]{64}$/i;
const PEM = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/;

/**
 * The 32 bytes of a public key.
 *
 * @throws {PublicKeyError} when it is none.
 */
export function publicKeyBytes(key: PublicKey): Uint8Array {
  if (typeof key !== 'string') return fromBytes(key);
  const text = key.trim();
  if (HEX.test(text)) return fromHex(text);
  const base64 = PEM.exec(text)?.[1];
  if (base64 !== undefined) {
    const der = fromBase64(base64.replace(/\s/g, ''));
    if (der) return fromBytes(der);
    throw new PublicKeyError('the PEM is damaged');
  }
  // Whoever hands over the secret half should learn of it, and not only that it is no use here.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw new PublicKeyError('it is a private key');
  throw new PublicKeyError('neither PEM (-----BEGIN PUBLIC KEY-----) nor 64 hex digits');
}

/**
 * The id of a public key: SHA-256 of its SubjectPublicKeyInfo, 64 lower-case hex digits. By hand:
 * `openssl pkey -pubin -in signing.pub -outform DER | sha256sum`.
 *
 * @throws {PublicKeyError} when it is none.
 */
export function keyIdOf(key: PublicKey): string {
  return sha256OfBytes(publicKeyInfo(publicKeyBytes(key)));
}

/** The SubjectPublicKeyInfo of a key's 32 bytes, as DER. */
export function publicKeyInfo(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...SPKI_START, ...bytes]);
}

function fromBytes(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new PublicKeyError('neither text nor bytes');
  if (bytes.length === KEY_BYTES) return bytes;
  const isInfo = bytes.length === SPKI_START.length + KEY_BYTES && SPKI_START.every((byte, at) => bytes[at] === byte);
  if (isInfo) return bytes.subarray(SPKI_START.length);
  throw new PublicKeyError('of another kind than Ed25519, or cut off');
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: KEY_BYTES }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}
