import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { keyIdOf, publicKeyBytes } from '@botaudit/record';

/**
 * Where a signing key is kept: `environment` or `file`, as configured; `journal`, in the journal's own folder, where it
 * proves nothing against whoever may read that.
 */
export type Custody = 'environment' | 'file' | 'journal';

/** A text or a file holds no key that can sign checkpoints. Says nothing of what it holds. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}

/** What signs the checkpoints of a process: an Ed25519 private key. */
export class Signer {
  /** See `keyIdOf`. */
  readonly keyId: string;
  /** PEM. */
  readonly publicKey: string;
  readonly custody: Custody;
  readonly #key: KeyObject;

  /**
   * @param pem PKCS#8, not encrypted, as `openssl genpkey -algorithm ed25519` writes it. In an environment variable its
   * lines may be separated by `\n` in two characters.
   * @throws {SigningKeyError}
   */
  constructor(pem: string, custody: Custody) {
    this.#key = privateKey(pem.trim().replaceAll('\\n', '\n'));
    this.publicKey = createPublicKey(this.#key).export({ format: 'pem', type: 'spki' }) as string;
    this.keyId = keyIdOf(this.publicKey);
    this.custody = custody;
  }

  /** The public key, 64 lower-case hex digits. */
  get publicKeyHex(): string {
    return Buffer.from(publicKeyBytes(this.publicKey)).toString('hex');
  }

  /** Ed25519 signature of a text's UTF-8, base64. Some 50 microseconds. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64');
  }
}

function privateKey(pem: string): KeyObject {
  if (pem.includes('-----BEGIN ENCRYPTED'))
    throw new SigningKeyError('is encrypted, and nobody is there to decrypt it');
  if (pem.includes('-----BEGIN PUBLIC')) throw new SigningKeyError('is the public key; the private one signs');
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the parser says could quote the key.
    throw new SigningKeyError('is no private key in PEM');
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new SigningKeyError(`is a key of another kind, ${key.asymmetricKeyType}`);
}
