import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import {
  type Checkpoint,
  type CheckpointTip,
  canonicalCheckpoint,
  canonicalRecord,
  checkpointRecord,
  keyIdOf,
  NO_CHECKPOINT_HASH,
  type SignedCheckpoint,
  type VerifySignature,
} from '../src/index.js';
import { type Stream, sha256 } from './streams.js';

interface Signed<T extends string | Uint8Array> extends SignedCheckpoint {
  readonly checkpoint: T;
  readonly keyId: string;
}

/** Signs as a process does, one checkpoint after the other, each a second later. */
export class Signer {
  readonly publicKey: string;
  readonly keyId: string;
  readonly #key: KeyObject;
  #seq = 0;
  #previous = NO_CHECKPOINT_HASH;

  constructor(key: KeyObject = generateKeyPairSync('ed25519').privateKey) {
    this.#key = key;
    this.publicKey = createPublicKey(key).export({ format: 'pem', type: 'spki' }) as string;
    this.keyId = keyIdOf(this.publicKey);
  }

  /** The next checkpoint, but for `changes`. */
  next(tips: readonly CheckpointTip[] = [], changes: Partial<Checkpoint> = {}): Signed<string> {
    this.#seq++;
    const timestamp = new Date(Date.UTC(2026, 10, 24, 4, 0, this.#seq)).toISOString().replace('.000Z', 'Z');
    const next = { prev_hash: this.#previous, seq: this.#seq, timestamp, tips, ...changes };
    const checkpoint = canonicalCheckpoint(next);
    this.#previous = sha256(checkpoint);
    return this.sign(checkpoint);
  }

  /** Signs whatever text it is given. */
  sign<T extends string | Uint8Array>(checkpoint: T): Signed<T> {
    const signature = sign(null, Buffer.from(checkpoint), this.#key).toString('base64');
    return { checkpoint, signature, keyId: this.keyId };
  }

  /** The line that carries the next checkpoint of a stream, which commits its tip, and others'. */
  line(stream: Stream, ...others: readonly Stream[]): string {
    const { checkpoint, signature } = this.next([stream, ...others].map(tipOf));
    const entry = { streamId: stream.id, checkpoint, signature, keyId: this.keyId };
    return canonicalRecord(checkpointRecord(entry));
  }
}

/** The tip of a stream, as checkpoints commit it. */
export function tipOf({ tip: { streamId, number, hash } }: Pick<Stream, 'tip'>): CheckpointTip {
  return { stream_id: streamId, epoch: 0, sequence_number: number, tip_hash: hash, entry_count: number };
}

/** A tip of no particular stream. */
export function aTip(changes: Partial<CheckpointTip> = {}): CheckpointTip {
  const stream_id = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
  return { stream_id, epoch: 0, sequence_number: 7, tip_hash: 'a'.repeat(64), entry_count: 7, ...changes };
}

/** The private key that a seed of 32 bytes stands for (RFC 8410). */
export function keyFromSeed(seed: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** What Node.js verifies signatures with, handed over by hand. */
export const nodeVerify: VerifySignature = (message, signature, publicKey) => {
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, message, { key, format: 'der', type: 'spki' }, signature);
};
