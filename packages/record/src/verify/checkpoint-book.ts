import type { Checkpoint, CheckpointTip } from '../checkpoint/checkpoint.js';
import { type CheckpointEntry, checkpointEntryOf, isCheckpointRecord } from '../checkpoint/checkpoint-record.js';
import type { CheckpointFinding } from '../checkpoint/finding.js';
import { keyIdOf, type PublicKey } from '../checkpoint/public-key.js';
import { CheckpointSequence, type SequenceRules } from '../checkpoint/sequence.js';
import { keysOf, trustIn } from '../checkpoint/verify-checkpoints.js';
import type { VerifySignature } from '../checkpoint/verify-signature.js';
import { CheckpointFormatError } from '../errors.js';
import type { AuditRecord } from '../model.js';
import type { Sha256 } from '../sha256.js';
import type { StreamTip } from '../tips.js';
import type { Findings } from './finding.js';
import { at, isWhole, type LinePlace } from './line-place.js';
import type { ClaimSource } from './witness.js';

/** By which keys checkpoints have to be signed, and how that is verified. */
export interface Trust {
  readonly publicKey: PublicKey | readonly PublicKey[];
  readonly verifySignature: VerifySignature | undefined;
}

/** Takes in what a checkpoint says of a stream. */
export type OnCommitted = (tip: StreamTip, source: ClaimSource, isSigned: boolean) => void;

/** So many keys are told; whoever makes up more gains nothing. */
const MAX_KEYS = 16;

const KEY_ID = /^[0-9a-f]{64}$/;

/** The checkpoints that were read, each judged in its sequence. Those that are right commit tips. */
export class CheckpointBook {
  readonly #findings: Findings;
  readonly #onCommitted: OnCommitted;
  readonly #rules: SequenceRules;
  /** By source, then by the stream whose maker's they are. */
  readonly #sequences = new Map<string, Map<string, CheckpointSequence>>();
  readonly #keyIds = new Set<string>();
  #count = 0;

  /**
   * @throws {PublicKeyError} when a key is none.
   * @throws {TypeError} when nothing can verify signatures.
   */
  constructor(findings: Findings, sha256: Sha256, trust: Trust | undefined, onCommitted: OnCommitted) {
    this.#findings = findings;
    this.#onCommitted = onCommitted;
    const keys = trust ? keysOf(trust) : [];
    const trusts = trust && trustIn(keys, trust.verifySignature);
    this.#rules = { sha256, trusts, keyIds: new Set(keys.map(keyIdOf)) };
  }

  /** Whether checkpoints have to be signed by a key that is trusted. */
  get isStrict(): boolean {
    return this.#rules.trusts !== undefined;
  }

  /** How many were read. */
  get count(): number {
    return this.#count;
  }

  /** Ids of the keys that they say they are signed by. */
  get keyIds(): string[] {
    return [...this.#keyIds].sort();
  }

  /**
   * Takes in a line.
   *
   * @param read the record that it is, or why it is none.
   */
  take(read: AuditRecord | string, place: LinePlace): void {
    if (typeof read === 'string') this.#tellUnreadable(read, place);
    else if (isCheckpointRecord(read)) this.#add(read, place);
    else this.#tellUnreadable('it carries no checkpoint', place);
  }

  /** A source has no more of them. */
  end(source: string): void {
    this.#sequences.delete(source);
  }

  #add(record: AuditRecord, place: LinePlace): void {
    const entry = this.#entryOf(record, place);
    if (!entry) return;
    this.#count++;
    if (this.#keyIds.size < MAX_KEYS && KEY_ID.test(entry.keyId)) this.#keyIds.add(entry.keyId);
    const { streamId } = entry;
    const { checkpoint, isSigned, findings } = this.#sequenceOf(place.stream, streamId).add(entry);
    for (const finding of findings) this.#tell(streamId, finding, place);
    if (!place.terminated) this.#tellTorn('the last line has no newline, though its checkpoint is whole', place);
    if (!checkpoint) return;
    this.#judgePlace(checkpoint, streamId, place);
    if (!isSigned && this.isStrict) return;
    const { seq, tips } = checkpoint;
    const number = tips.find(({ stream_id }) => stream_id === streamId)?.sequence_number ?? 0;
    const source = { by: `checkpoint ${seq} of stream ${streamId} commits`, streamId, number, recent: place.recent };
    for (const tip of tips) this.#commit(seq, tip, { source, isSigned, place });
  }

  #entryOf(record: AuditRecord, place: LinePlace): CheckpointEntry | undefined {
    try {
      return checkpointEntryOf(record);
    } catch (error) {
      if (!(error instanceof CheckpointFormatError)) throw error;
      const { member, message } = error;
      this.#tell(place.stream, { defect: 'form', severity: 'error', message, ...(member && { member }) }, place);
      this.#miss(place);
      return undefined;
    }
  }

  /** The stream that it is said to be of is not signed; but only that one's own checkpoints commit its tip each time. */
  #judgePlace({ seq, tips }: Checkpoint, owner: string, place: LinePlace): void {
    const { stream, exclusive, holds } = place;
    let what: string | undefined;
    if (exclusive && owner !== stream) what = `is of stream ${owner}, yet stands in the folder of this one`;
    else if (holds === 'records') what = 'stands among records';
    else if (!tips.some(({ stream_id }) => stream_id === owner)) what = 'commits no tip of the stream that it is of';
    if (what === undefined) return;
    const message = `checkpoint ${seq}: ${what}`;
    this.#tell(exclusive ? stream : owner, { defect: 'place', severity: 'error', seq, message }, place);
  }

  #commit(
    seq: number,
    { stream_id: streamId, sequence_number: number, entry_count: count, tip_hash: hash }: CheckpointTip,
    { source, isSigned, place }: { source: ClaimSource; isSigned: boolean; place: LinePlace },
  ): void {
    // Records are numbered from 1, without a gap.
    if (number >= 1 && count === number) {
      this.#onCommitted({ streamId, number, hash }, source, isSigned);
      return;
    }
    const message = `checkpoint ${seq}: says that stream ${streamId} had ${count} records at record ${number}`;
    this.#tell(source.streamId, { defect: 'tip', severity: 'error', seq, message }, place);
  }

  #tell(stream: string, { severity, message, ...checkpoint }: CheckpointFinding, place: LinePlace): void {
    this.#findings.add({ stream, kind: 'checkpoint', checkpoint, severity, message: message + at(place) });
  }

  #tellUnreadable(reason: string, place: LinePlace): void {
    if (!isWhole(place)) {
      this.#tellTorn('the last checkpoint was not written to its end', place);
      return;
    }
    this.#miss(place);
    const message = `a line is not a checkpoint: ${reason}${at(place)}`;
    this.#findings.add({ stream: place.stream, kind: 'malformed', severity: 'error', message });
  }

  #tellTorn(what: string, place: LinePlace): void {
    this.#findings.add({ stream: place.stream, kind: 'torn', severity: 'notice', message: what + at(place) });
  }

  /** What could not be read stood in for one of some sequence: where there is but one, it is known of which. */
  #miss({ stream }: LinePlace): void {
    const [only, ...others] = this.#sequences.get(stream)?.values() ?? [];
    if (others.length === 0) only?.addUnreadable();
  }

  #sequenceOf(source: string, streamId: string): CheckpointSequence {
    const ofSource = this.#sequences.get(source) ?? new Map<string, CheckpointSequence>();
    this.#sequences.set(source, ofSource);
    const sequence = ofSource.get(streamId) ?? new CheckpointSequence(this.#rules);
    ofSource.set(streamId, sequence);
    return sequence;
  }
}
