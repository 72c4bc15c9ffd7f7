import { hash } from 'node:crypto';
import { clearTimeout, setTimeout } from 'node:timers';
import { CheckpointFile } from '@botaudit/journal';
import {
  type Chain,
  type CheckpointTip,
  canonicalCheckpoint,
  canonicalRecord,
  checkpointRecord,
  NO_CHECKPOINT_HASH,
  type StreamTip,
} from '@botaudit/record';
import type { Signer } from './signer.js';

/** So many streams that were adopted go into one checkpoint, which must fit where values are long, but not endless. */
const MAX_ADOPTED = 64;

/** What is needed to make the checkpoints of a thread. */
export interface CheckpointsOptions {
  readonly signer: Signer;
  readonly streamId: string;
  readonly streamDirectory: string;
  readonly groupRead: boolean;
  /** The chain of the stream. */
  readonly chain: Pick<Chain, 'number' | 'hash'>;
  /** Has what was appended written; throws when that can't be. */
  readonly flush: () => void;
  /** After so many records one is made, */
  readonly everyRecords: number;
  /** and so long after a record, ms. */
  readonly intervalMs: number;
  /** One was made. */
  readonly onMade: () => void;
  /** None could be made; it is tried again. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * The checkpoints of one thread: its own sequence, from 1, with the tips of its stream and of those that it adopted, where
 * they changed since the last. None is made while a record is being written.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #file: CheckpointFile;
  #seq = 0;
  #previousHash = NO_CHECKPOINT_HASH;
  /** Number of the record that was committed last. */
  #committed = 0;
  /** Streams that were adopted since, by id. */
  #adopted = new Map<string, CheckpointTip>();
  /** Records since the last. */
  #records = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#file = new CheckpointFile(options.streamDirectory, { groupRead: options.groupRead });
  }

  /** A record was appended. Costs a comparison or two. */
  appended(): void {
    this.#records++;
    if (this.#records === this.#options.everyRecords) this.#arm(0);
    else if (this.#timer === undefined) this.#arm(this.#options.intervalMs);
  }

  /** Something was appended that has to be vouched for before what follows from it is seen. */
  soon(): void {
    this.#arm(0);
  }

  /** The stream of a process that died was adopted, and a record says so. */
  adopted({ streamId, number, hash: tipHash }: StreamTip): void {
    if (number === 0 || tipHash === undefined) return;
    this.#adopted.set(streamId, tipOf(streamId, number, tipHash));
    this.soon();
  }

  /** Makes one now, where there is anything new to commit. Synchronous; never throws. */
  make(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      // What is committed must be there: a process that is killed now must not look as if its records had been removed.
      this.#options.flush();
      this.#make();
    } catch (error) {
      this.#options.onFailed(error);
      this.#records = 0;
      this.#arm(this.#options.intervalMs);
    }
  }

  /** The last one. Synchronous; never throws. */
  close(): void {
    this.make();
    clearTimeout(this.#timer);
  }

  #make(): void {
    const { signer, streamId, chain, onMade } = this.#options;
    const { number, hash: tipHash } = chain;
    this.#records = 0;
    // Each commits the stream's own tip, by which it is known whose it is; and where a stream was adopted, that moved on.
    if (number === this.#committed || tipHash === undefined) return;
    const adopted = [...this.#adopted.values()].slice(0, MAX_ADOPTED);
    const checkpoint = canonicalCheckpoint({
      prev_hash: this.#previousHash,
      seq: this.#seq + 1,
      timestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      tips: [tipOf(streamId, number, tipHash), ...adopted],
    });
    const entry = { streamId, checkpoint, signature: signer.sign(checkpoint), keyId: signer.keyId };
    this.#file.append(canonicalRecord(checkpointRecord(entry)));
    this.#seq++;
    this.#previousHash = hash('sha256', checkpoint);
    this.#committed = number;
    for (const { stream_id: id } of adopted) this.#adopted.delete(id);
    onMade();
  }

  /** A timer keeps no process alive; at its end there is a last one. */
  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.make(), ms).unref();
  }
}

/** Records are numbered from 1 without a gap, so that there are as many as the last one's number says. */
function tipOf(streamId: string, number: number, tipHash: string): CheckpointTip {
  return { stream_id: streamId, epoch: 0, sequence_number: number, tip_hash: tipHash, entry_count: number };
}
