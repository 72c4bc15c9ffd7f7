import { fromBase64 } from '../base64.js';
import { CheckpointFormatError } from '../errors.js';
import type { Sha256 } from '../sha256.js';
import { encodeUtf8 } from '../utf8.js';
import { type Checkpoint, canonicalCheckpoint, NO_CHECKPOINT_HASH, parseCheckpoint } from './checkpoint.js';
import { CommittedTips } from './committed-tips.js';
import type { CheckpointDefect, CheckpointFinding } from './finding.js';

/** A checkpoint, and what its maker put beside it. */
export interface SignedCheckpoint {
  /** Its canonical form as it was stored, which has to be that; or the checkpoint as an object, tips in any order. */
  readonly checkpoint: string | Uint8Array | Checkpoint;
  /** Ed25519 over the canonical form, base64. */
  readonly signature: string;
  /** Id of the key, as `keyIdOf` has it. Only a hint as to why a signature does not fit. */
  readonly keyId?: string | undefined;
}

/** A place in a sequence of checkpoints. */
export interface CheckpointPlace {
  readonly seq: number;
  /** SHA-256 of the canonical form, lower-case hex. */
  readonly hash: string;
}

/** Whether a signature fits one of the keys that are trusted. */
export type Trusts = (message: Uint8Array, signature: Uint8Array) => boolean;

/** What a sequence is judged by. */
export interface SequenceRules {
  readonly sha256: Sha256;
  /** `undefined`: signatures are not looked at. */
  readonly trusts: Trusts | undefined;
  /** Ids of the keys that are trusted. */
  readonly keyIds: ReadonlySet<string>;
  readonly previous?: CheckpointPlace | undefined;
  readonly fromStart?: boolean | undefined;
  readonly oncePerEpoch?: boolean | undefined;
}

/** What was found about one checkpoint. */
export interface Judged {
  /** `undefined` where it is none. */
  readonly checkpoint: Checkpoint | undefined;
  /** Whether its signature was looked at, and fits. */
  readonly isSigned: boolean;
  readonly findings: readonly CheckpointFinding[];
}

const SIGNATURE_BYTES = 64;

/** Judges the checkpoints of one sequence, one after the other. Memory grows with the streams that they commit. */
export class CheckpointSequence {
  readonly #rules: SequenceRules;
  readonly #tips: CommittedTips;
  #previous: (CheckpointPlace & { readonly timestamp?: string }) | undefined;
  /** Since the last checkpoint, what was none. */
  #unreadable = 0;

  constructor(rules: SequenceRules) {
    this.#rules = rules;
    this.#previous = rules.previous;
    this.#tips = new CommittedTips(rules.oncePerEpoch ?? false);
  }

  /** Something stands here that should have been a checkpoint. */
  addUnreadable(): void {
    this.#unreadable++;
  }

  add({ checkpoint: given, signature, keyId }: SignedCheckpoint): Judged {
    let checkpoint: Checkpoint;
    let canonical: string;
    try {
      ({ checkpoint, canonical } = read(given));
    } catch (error) {
      if (!(error instanceof CheckpointFormatError)) throw error;
      this.addUnreadable();
      const { member, reason, message } = error;
      const said = member === undefined ? message : `a checkpoint's ${member} ${reason}`;
      return { checkpoint: undefined, isSigned: false, findings: [finding('form', { member, message: said })] };
    }
    const { seq, timestamp } = checkpoint;
    const hash = this.#rules.sha256(canonical);
    const unsigned = this.#judgeSignature(checkpoint, canonical, signature, keyId);
    const findings = [
      ...unsigned,
      ...this.#judgePlace(checkpoint, hash),
      ...this.#tips.judge(checkpoint),
      ...this.#judgeTime(checkpoint),
    ];
    if (unsigned.length === 0) {
      this.#tips.commit(checkpoint);
      this.#previous = { seq, hash, timestamp };
      this.#unreadable = 0;
    } else {
      // What nobody vouches for must not make what somebody does vouch for look wrong.
      this.addUnreadable();
    }
    return { checkpoint, isSigned: this.#rules.trusts !== undefined && unsigned.length === 0, findings };
  }

  #judgeSignature({ seq }: Checkpoint, canonical: string, text: string, keyId?: string): CheckpointFinding[] {
    const { trusts, keyIds } = this.#rules;
    if (!trusts) return [];
    const tell = (defect: CheckpointDefect, what: string) => {
      return [finding(defect, { seq, member: 'signature', message: `checkpoint ${seq}: ${what}` })];
    };
    if (typeof text !== 'string' || text === '') return tell('signature', 'is not signed');
    const signature = fromBase64(text);
    if (signature?.length !== SIGNATURE_BYTES) return tell('signature', 'its signature is not the base64 of 64 bytes');
    if (trusts(encodeUtf8(canonical), signature)) return [];
    if (keyId !== undefined && !keyIds.has(keyId)) {
      return tell('key', `is signed by another key, ${keyId.slice(0, 64)}`);
    }
    return tell('signature', 'its signature does not fit');
  }

  #judgePlace({ seq, prev_hash }: Checkpoint, hash: string): CheckpointFinding[] {
    const previous = this.#previous;
    const tell = (defect: CheckpointDefect, member: string, what: string, severity?: 'notice') => {
      return [finding(defect, { severity, seq, member, message: `checkpoint ${seq}: ${what}` })];
    };
    if (seq === 1 && prev_hash !== NO_CHECKPOINT_HASH) {
      return tell('chain', 'prev_hash', 'is the first, yet its prev_hash is not the SHA-256 of nothing');
    }
    if (seq !== 1 && prev_hash === NO_CHECKPOINT_HASH) {
      return tell('seq', 'seq', 'has the prev_hash of the first, yet is not number 1');
    }
    if (!previous) {
      // Something that could not be read may have been all of them.
      if (seq === 1 || seq - 1 === this.#unreadable) return [];
      const what = seq === 2 ? 'the one before it is not there' : `the ${seq - 1} before it are not there`;
      return this.#rules.fromStart ? tell('seq', 'seq', what) : tell('start', 'seq', what, 'notice');
    }
    const missing = seq - previous.seq - 1 - this.#unreadable;
    if (seq === previous.seq) {
      return tell('seq', 'seq', hash === previous.hash ? 'stands twice' : 'is in two versions');
    }
    if (seq < previous.seq) return tell('seq', 'seq', `stands after checkpoint ${previous.seq}`);
    if (missing > 0) {
      const which = missing === 1 ? `checkpoint ${seq - 1} is` : `${missing} checkpoints are`;
      return tell('seq', 'seq', `${which} missing between ${previous.seq} and it`);
    }
    if (seq === previous.seq + 1 && prev_hash !== previous.hash) {
      return tell('chain', 'prev_hash', `its prev_hash is not the hash of checkpoint ${previous.seq}`);
    }
    return [];
  }

  #judgeTime({ seq, timestamp }: Checkpoint): CheckpointFinding[] {
    const before = this.#previous?.timestamp;
    // The form is such that texts compare as times do.
    if (before === undefined || timestamp >= before) return [];
    const message = `checkpoint ${seq}: is from ${timestamp}, before the one that it follows, from ${before}`;
    return [finding('timestamp', { severity: 'notice', seq, member: 'timestamp', message })];
  }
}

function read(given: SignedCheckpoint['checkpoint']): { checkpoint: Checkpoint; canonical: string } {
  if (typeof given === 'string') return { checkpoint: parseCheckpoint(given), canonical: given };
  if (given instanceof Uint8Array) {
    const checkpoint = parseCheckpoint(given);
    return { checkpoint, canonical: canonicalCheckpoint(checkpoint) };
  }
  const canonical = canonicalCheckpoint(given);
  return { checkpoint: parseCheckpoint(canonical), canonical };
}

function finding(
  defect: CheckpointDefect,
  { severity = 'error', ...rest }: Partial<Omit<CheckpointFinding, 'defect'>> & { message: string },
): CheckpointFinding {
  const { seq, member, message } = rest;
  return {
    defect,
    severity,
    ...(seq !== undefined && { seq }),
    ...(member !== undefined && { member }),
    message,
  };
}
