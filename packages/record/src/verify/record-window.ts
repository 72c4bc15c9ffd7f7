import type { Link } from './link.js';

/** How many records back, at least, a repeated one is known for sure. */
const SIZE = 8192;

/** What is remembered of a record. */
export type SeenRecord = Pick<Link, 'streamId' | 'number' | 'hash'>;

/** Longest id that is remembered, in UTF-16 units; ours have 36. */
const MAX_ID = 128;

/**
 * The records seen last, by `audit.record.id`: tells a record that stands twice, and two that share an id. Bounded, so
 * that verification runs in constant memory: what stands further apart than {@link SIZE} records may pass unnoticed here.
 */
export class RecordWindow {
  // Two generations, since taking single entries out of the front of a Map is slow.
  #young = new Map<string, SeenRecord>();
  #old = new Map<string, SeenRecord>();
  #forgetful = false;

  /** Whether a record was forgotten, so that one which is not known may have been seen all the same. */
  get forgetful(): boolean {
    return this.#forgetful;
  }

  /** Takes in a record; returns the one seen before under its id. */
  see({ recordId, streamId, number, hash }: Link): SeenRecord | undefined {
    const known = this.#young.get(recordId) ?? this.#old.get(recordId);
    if (known || recordId.length > MAX_ID) return known;
    if (this.#young.size >= SIZE) {
      this.#forgetful ||= this.#old.size > 0;
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(apart(recordId), { streamId, number, hash });
    return undefined;
  }
}

/** The same text without the line that it was cut out of, which the engine keeps for as long as a part of it. */
function apart(text: string): string {
  let copy = '';
  // Pieces this short are copies.
  for (let at = 0; at < text.length; at += 12) copy += text.slice(at, at + 12);
  return copy;
}
