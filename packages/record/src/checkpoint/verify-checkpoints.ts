import { PublicKeyError } from '../errors.js';
import { type Sha256, sha256Hex } from '../sha256.js';
import type { CheckpointFinding } from './finding.js';
import { keyIdOf, type PublicKey, publicKeyBytes } from './public-key.js';
import {
  type CheckpointPlace,
  CheckpointSequence,
  type SequenceRules,
  type SignedCheckpoint,
  type Trusts,
} from './sequence.js';
import {
  defaultVerifySignature,
  defaultVerifySignatureAsync,
  type VerifySignature,
  type VerifySignatureAsync,
} from './verify-signature.js';

/** How to verify checkpoints, and against what. */
export interface CheckpointOptions {
  /** The key that must have signed them, from elsewhere than they are from; or several, any of which will do. */
  readonly publicKey: PublicKey | readonly PublicKey[];
  /** Default: Node.js' own, where it is. */
  readonly verifySignature?: VerifySignature | undefined;
  /** Default: {@link sha256Hex}. */
  readonly sha256?: Sha256 | undefined;
  /** The checkpoint that comes before the first of these, where it is known. */
  readonly previous?: CheckpointPlace | undefined;
  /**
   * Whether the first one must be number 1. Default `false`: that those before it are not there is a notice, since each
   * checkpoint stands for itself.
   */
  readonly fromStart?: boolean | undefined;
  /**
   * Whether a stream may be committed only once under each epoch, by a producer that commits a stream when it is complete.
   * Default `false`: it may be committed again when it has gone on.
   */
  readonly oncePerEpoch?: boolean | undefined;
}

/** The same where the answer about a signature has to be waited for. */
export interface CheckpointOptionsAsync extends Omit<CheckpointOptions, 'verifySignature'> {
  /** Default: Web Crypto. */
  readonly verifySignature?: VerifySignatureAsync | undefined;
}

/** A {@link CheckpointFinding}, and which checkpoint of the list it is about. */
export interface IndexedCheckpointFinding extends CheckpointFinding {
  /** From 0. */
  readonly index: number;
}

/** What verification of checkpoints came to. */
export interface CheckpointsReport {
  /** Whether there is no finding that is an error: all are signed by a key that is trusted, and follow one another. */
  readonly valid: boolean;
  /** By index. */
  readonly findings: readonly IndexedCheckpointFinding[];
}

/**
 * Verifies successive checkpoints of one sequence: form, signature, number, hash of the one before, tips.
 *
 * @throws {PublicKeyError} when a key is none.
 * @throws {TypeError} when there is no `verifySignature`, given or by default.
 */
export function verifyCheckpoints(
  checkpoints: Iterable<SignedCheckpoint>,
  options: CheckpointOptions,
): CheckpointsReport {
  return judgeAll([...checkpoints], options, trustIn(keysOf(options), options.verifySignature));
}

/** {@link verifyCheckpoints} where signatures can't be verified at once, as in browsers. Rejects as that one throws. */
export async function verifyCheckpointsAsync(
  checkpoints: Iterable<SignedCheckpoint>,
  options: CheckpointOptionsAsync,
): Promise<CheckpointsReport> {
  const list = [...checkpoints];
  const keys = keysOf(options);
  const { verifySignature = defaultVerifySignatureAsync() } = options;
  // The same is gone through twice: first to learn what there is to be asked, then with the answers.
  const asked: { readonly message: Uint8Array; readonly signature: Uint8Array }[] = [];
  judgeAll(list, options, (message, signature) => {
    asked.push({ message, signature });
    return true;
  });
  const answers: boolean[] = [];
  for (const { message, signature } of asked) {
    let fits = false;
    for (const key of keys) fits ||= await verifySignature(message, signature, key);
    answers.push(fits);
  }
  return judgeAll(list, options, () => answers.shift() === true);
}

/**
 * Whether any of the keys has made a signature.
 *
 * @throws {TypeError} when there is no `verifySignature`, given or by default.
 */
export function trustIn(keys: readonly Uint8Array[], given: VerifySignature | undefined): Trusts {
  const verifySignature = given ?? defaultVerifySignature();
  return (message, signature) => keys.some((key) => verifySignature(message, signature, key));
}

/** @throws {PublicKeyError} when one is none, or there is none. */
export function keysOf({ publicKey }: Pick<CheckpointOptions, 'publicKey'>): Uint8Array[] {
  const keys = typeof publicKey === 'string' || publicKey instanceof Uint8Array ? [publicKey] : [...(publicKey ?? [])];
  if (keys.length === 0) throw new PublicKeyError('there is none');
  return keys.map(publicKeyBytes);
}

function judgeAll(
  checkpoints: readonly SignedCheckpoint[],
  { sha256 = sha256Hex, ...options }: CheckpointOptionsAsync,
  trusts: Trusts,
): CheckpointsReport {
  const rules: SequenceRules = { ...options, sha256, trusts, keyIds: new Set(keysOf(options).map(keyIdOf)) };
  const sequence = new CheckpointSequence(rules);
  const findings = checkpoints.flatMap((checkpoint, index) => {
    return sequence.add(checkpoint).findings.map((finding) => ({ index, ...finding }));
  });
  return { valid: findings.every(({ severity }) => severity !== 'error'), findings };
}
