import { createCipheriv, randomBytes } from 'node:crypto';
import { type AttributeValue, jcs } from '@botaudit/record';
import { agreedKey, newPair, publicJwk } from './key-agreement.js';
import type { Recipient } from './recipients.js';

/** The key and the header that the values of one record share. */
interface Envelope {
  readonly key: Buffer;
  readonly header: string;
  readonly text: (iv: Buffer, ciphertext: Buffer, tag: Buffer) => string;
}

const ENC = 'A256GCM';
const IV_BYTES = 12;

/**
 * Encrypts values to the public keys of auditors, as JWE (RFC 7516, RFC 7518): compact with ECDH-ES for one of them, JSON
 * with ECDH-ES+A256KW for several; A256GCM. What is encrypted is the JSON of the value. Whoever encrypts can't read it
 * back: the private key of each agreement is forgotten.
 */
export class Encryption {
  readonly #recipients: readonly Recipient[];

  constructor(recipients: readonly Recipient[]) {
    this.#recipients = recipients;
  }

  /** Thumbprints of the keys. */
  get kids(): string[] {
    return this.#recipients.map(({ kid }) => kid);
  }

  /**
   * A function that encrypts the values of one record: the key is agreed upon once, with the first, and each value has a
   * nonce of its own.
   */
  begin(): (value: AttributeValue) => string {
    let envelope: Envelope | undefined;
    return (value) => {
      envelope ??= this.#envelope();
      const { key, header, text } = envelope;
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(Buffer.from(header, 'latin1'));
      const ciphertext = Buffer.concat([cipher.update(jcs(value), 'utf8'), cipher.final()]);
      return text(iv, ciphertext, cipher.getAuthTag());
    };
  }

  #envelope(): Envelope {
    const [first, ...more] = this.#recipients;
    if (!first) throw new Error('there is nobody to encrypt to');
    return more.length === 0 ? forOne(first) : forSeveral(this.#recipients);
  }
}

function forOne({ kid, curve, key: publicKey }: Recipient): Envelope {
  const pair = newPair(curve);
  const epk = publicJwk(pair.publicKey);
  const header = encoded({ alg: 'ECDH-ES', cty: 'json', enc: ENC, epk, kid });
  return {
    key: agreedKey(pair.privateKey, publicKey, ENC),
    header,
    text: (iv, ciphertext, tag) =>
      `${header}..${iv.toString('base64url')}.${ciphertext.toString('base64url')}.${tag.toString('base64url')}`,
  };
}

function forSeveral(recipients: readonly Recipient[]): Envelope {
  const key = randomBytes(32);
  const header = encoded({ cty: 'json', enc: ENC });
  const alg = 'ECDH-ES+A256KW';
  const wrapped = recipients.map(({ kid, curve, key: publicKey }) => {
    // RFC 7518, 4.6: a new pair for each agreement.
    const pair = newPair(curve);
    const encrypted_key = wrap(agreedKey(pair.privateKey, publicKey, alg), key).toString('base64url');
    return { encrypted_key, header: { alg, epk: publicJwk(pair.publicKey), kid } };
  });
  const members = `"protected":"${header}","recipients":${jcs(wrapped)}`;
  return {
    key,
    header,
    text: (iv, ciphertext, tag) =>
      `{"ciphertext":"${ciphertext.toString('base64url')}","iv":"${iv.toString('base64url')}",${members},"tag":"${tag.toString('base64url')}"}`,
  };
}

/** AES key wrap (RFC 3394), with its initial value. */
export const WRAP_IV = Buffer.alloc(8, 0xa6);

function wrap(key: Buffer, content: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', key, WRAP_IV);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}

function encoded(header: object): string {
  return Buffer.from(jcs(header)).toString('base64url');
}
