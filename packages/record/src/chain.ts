import {
  ATTR_AUDIT_SEQUENCE_END,
  ATTR_AUDIT_SEQUENCE_NUMBER,
  ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH,
  ATTR_AUDIT_SEQUENCE_STREAM_ID,
} from './attributes.js';
import { canonicalRecord } from './canonical.js';
import type { AttributeMap, AuditRecord } from './model.js';
import type { Sha256 } from './sha256.js';

/** Where a chain goes on: its last record. */
export interface ChainTip {
  /** From 1. */
  readonly number: number;
  /** SHA-256 of the record's line, lower-case hex. */
  readonly hash: string;
}

/**
 * The chain of one stream: gives each record its number and the hash of the one before. A record counts only when
 * `commit` says that it was appended, so that a failed append leaves neither a gap nor a break.
 */
export class Chain {
  readonly streamId: string;
  readonly #sha256: Sha256;
  #number: number;
  #hash: string | undefined;
  #ended = false;
  /** What the last `seal` made, until it is committed. */
  #sealed: { readonly line: string; readonly end: boolean } | undefined;

  /**
   * @param streamId UUID v4.
   * @param tip the last record of a stream that is continued; none for a new one.
   */
  constructor(streamId: string, sha256: Sha256, tip?: ChainTip) {
    this.streamId = streamId;
    this.#sha256 = sha256;
    this.#number = tip?.number ?? 0;
    this.#hash = tip?.hash;
  }

  /** The number of the last record committed; 0 when there is none. */
  get number(): number {
    return this.#number;
  }

  /** The hash of the last record committed; `undefined` when there is none. */
  get hash(): string | undefined {
    return this.#hash;
  }

  /**
   * The line to append for `record`, as the next of the stream; a second call without `commit` in between makes another
   * one for the same place. With `audit.sequence.end` among its attributes the record is the stream's last.
   *
   * @param record its values plain; not changed.
   * @returns the canonical form, without newline.
   * @throws {TypeError} when a value is not plain.
   * @throws {Error} when the stream has ended.
   */
  seal(record: AuditRecord): string {
    if (this.#ended) throw new Error(`Stream ${this.streamId} has ended; nothing follows its last record`);
    const attributes: AttributeMap = {
      ...record.attributes,
      [ATTR_AUDIT_SEQUENCE_STREAM_ID]: this.streamId,
      [ATTR_AUDIT_SEQUENCE_NUMBER]: this.#number + 1,
    };
    if (this.#hash !== undefined) attributes[ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH] = this.#hash;
    else delete attributes[ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH];
    const line = canonicalRecord({ ...record, attributes });
    this.#sealed = { line, end: attributes[ATTR_AUDIT_SEQUENCE_END] === true };
    return line;
  }

  /**
   * Takes the record that was sealed last as appended: the next one is chained to it.
   *
   * @throws {Error} when nothing was sealed since the last commit.
   */
  commit(): void {
    const sealed = this.#sealed;
    if (!sealed) throw new Error(`Stream ${this.streamId} has no sealed record to commit`);
    this.#sealed = undefined;
    this.#number += 1;
    this.#hash = this.#sha256(sealed.line);
    this.#ended = sealed.end;
  }
}
