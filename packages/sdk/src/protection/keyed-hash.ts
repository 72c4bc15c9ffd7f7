import { hash, type KeyObject } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer texts get memory of their own. */
const MAX_USUAL_BYTES = 256;

/**
 * HMAC-SHA-256 (RFC 2104) by two one-shot hashes: `createHmac` makes an object outside of V8's heap each time, which takes
 * several times as long as the hashes.
 */
export class KeyedHash {
  /** The key with the inner padding, and room for a text. */
  readonly #inner = Buffer.alloc(BLOCK_BYTES + MAX_USUAL_BYTES, 0x36);
  /** The key with the outer padding, and room for the inner digest. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);

  /** @param secret of at most 64 bytes. */
  constructor(secret: KeyObject) {
    const key = secret.export();
    if (key.length > BLOCK_BYTES) throw new RangeError(`the key has more than ${BLOCK_BYTES} bytes`);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /** Of the UTF-8 of `text`, base64url. */
  of(text: string): string {
    const room = BLOCK_BYTES + text.length * 3;
    let inner = this.#inner;
    if (room > inner.length) {
      inner = Buffer.alloc(room);
      this.#inner.copy(inner, 0, 0, BLOCK_BYTES);
    }
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    this.#outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }
}
