import { createPublicKey, diffieHellman, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type AgreementJwk, type Curve, curveOf, newPair, publicJwk, thumbprintOf } from './key-agreement.js';

/** An auditor's public key, that fields are encrypted to. */
export interface Recipient {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly curve: Curve;
  readonly key: KeyObject;
  /** From then on it is not to be used; `undefined` where the key does not say. */
  readonly expires: Date | undefined;
}

/** A text or a file holds no public key that fields can be encrypted to. */
export class RecipientError extends Error {
  override readonly name = 'RecipientError';
}

/**
 * Reads a public key: JWK, or PEM (a key or a certificate); X25519 or P-256.
 *
 * @param pin the thumbprint that it must have.
 * @throws {RecipientError} when it is none, a private one, of another kind, expired, or not the pinned one.
 */
export function readRecipient(text: string, pin?: string, now = Date.now()): Recipient {
  const { key, jwk, notAfter } = parse(text.trim());
  const curve = curveOf(key);
  if (curve === undefined) throw new RecipientError(`is a key of another kind, ${kindOf(key)}`);
  const kid = thumbprintOf(publicJwk(key));
  if (jwk?.use !== undefined && jwk.use !== 'enc') throw new RecipientError(`(${kid}) is not for encryption`);
  if (typeof jwk?.kid === 'string' && /^[\w-]{43}$/.test(jwk.kid) && jwk.kid !== kid) {
    throw new RecipientError(`is the key ${kid}, and says that it were ${jwk.kid}: it was changed or swapped`);
  }
  if (pin !== undefined && pin !== kid) {
    throw new RecipientError(`is the key ${kid}, not ${pin}, which the configuration asks for: it was swapped`);
  }
  const exp = typeof jwk?.exp === 'number' ? new Date(jwk.exp * 1000) : undefined;
  const expires = notAfter ?? exp;
  if (expires && expires.getTime() <= now) {
    throw new RecipientError(`(${kid}) has expired on ${expires.toISOString().slice(0, 10)}`);
  }
  checkPoint(key, curve, kid);
  return { kid, curve, key, expires };
}

interface Parsed {
  readonly key: KeyObject;
  readonly jwk?: Record<string, unknown>;
  readonly notAfter?: Date;
}

function parse(text: string): Parsed {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw new RecipientError(PRIVATE);
  try {
    if (text.startsWith('{')) return parseJwk(text);
    if (text.includes('-----BEGIN CERTIFICATE-----')) {
      const certificate = new X509Certificate(text);
      return { key: certificate.publicKey, notAfter: new Date(certificate.validTo) };
    }
    if (text.includes('-----BEGIN PUBLIC KEY-----')) return { key: createPublicKey(text) };
  } catch (error) {
    if (error instanceof RecipientError) throw error;
    // What parsers say could quote what they read.
    throw new RecipientError('is no valid public key');
  }
  throw new RecipientError('is no public key (JWK, or PEM)');
}

const PRIVATE = 'is a private key, which belongs to the auditor alone; give the public one, and make a new pair';

function parseJwk(text: string): Parsed {
  const jwk = JSON.parse(text) as Record<string, unknown> & Partial<AgreementJwk>;
  if ('keys' in jwk) throw new RecipientError('is a set of keys; give one public key a file');
  if ('d' in jwk || 'k' in jwk) throw new RecipientError(PRIVATE);
  return { key: createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }), jwk };
}

function kindOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return curve === undefined ? String(key.asymmetricKeyType) : `${key.asymmetricKeyType} on ${curve}`;
}

/** With a point of low order the agreed secret is zero, whoever agrees: anybody could read. OpenSSL refuses. */
function checkPoint(publicKey: KeyObject, curve: Curve, kid: string): void {
  try {
    diffieHellman({ privateKey: newPair(curve).privateKey, publicKey });
  } catch {
    throw new RecipientError(`(${kid}) is no key that can be agreed with: its point is of low order`);
  }
}
