// ECDH-ES of RFC 7518 (4.6) and RFC 8037, for both sides.
import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

export type Curve = 'X25519' | 'P-256';

/** Of a public key that agreement is possible with. */
export interface AgreementJwk {
  readonly kty: string;
  readonly crv: Curve;
  readonly x: string;
  readonly y?: string;
}

/** Which curve a key is on; `undefined` for every other kind of key. */
export function curveOf(key: KeyObject): Curve | undefined {
  if (key.asymmetricKeyType === 'x25519') return 'X25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'P-256' : undefined;
}

/** A new pair of keys. */
export function newPair(curve: Curve): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** The public part of a key alone. */
export function publicJwk(key: KeyObject): AgreementJwk {
  const { kty, crv, x, y } = key.export({ format: 'jwk' }) as unknown as AgreementJwk;
  return { kty, crv, x, ...(y !== undefined && { y }) };
}

export function keyOfJwk(jwk: AgreementJwk): KeyObject {
  return createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
}

/** RFC 7638: what a key is called, base64url. */
export function thumbprintOf({ kty, crv, x, y }: AgreementJwk): string {
  // Members in the order of the RFC.
  return hash('sha256', JSON.stringify({ crv, kty, x, ...(y !== undefined && { y }) }), 'base64url');
}

/** What the parties say of themselves, base64url; we say nothing. */
export interface PartyInfo {
  readonly apu?: string | undefined;
  readonly apv?: string | undefined;
}

/**
 * The key of 256 bits that two keys agree upon, for an algorithm: the Concat KDF of NIST SP 800-56A, of which one round of
 * SHA-256 is enough.
 *
 * @throws {Error} when the point is of low order, so that anybody could compute it.
 */
export function agreedKey(
  privateKey: KeyObject,
  publicKey: KeyObject,
  algorithm: string,
  info: PartyInfo = {},
): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  const parts = [algorithm, info.apu, info.apv].map((part, index) =>
    Buffer.from(part ?? '', index === 0 ? 'latin1' : 'base64url'),
  );
  const input = Buffer.concat([
    uint32(1),
    secret,
    ...parts.flatMap((part) => [uint32(part.length), part]),
    uint32(256),
  ]);
  return hash('sha256', input, 'buffer');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
