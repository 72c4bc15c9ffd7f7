import type { Link } from './link.js';

/** How many records back, at least, a repeated one is known for sure. */
const SIZE = 8192;

/** Longest id that is remembered, in UTF-16 units; ours have 36. */
const MAX_ID = 128;

/**
 * The records seen last, by `audit.record.id`: tells a record that stands twice, and two that share an id. Bounded, so
 * that verification runs in constant memory: what stands further apart than {@link SIZE} records may pass unnoticed here.
 */
export class RecordWindow {
  // Two generations, since taking single entries out of the front of a Map is slow.
  #young = new Map<string, Link>();
  #old = new Map<string, Link>();
  #forgetful = false;

  /** Whether a record was forgotten, so that one which is not known may have been seen all the same. */
  get forgetful(): boolean {
    return this.#forgetful;
  }

  /** Takes in a record; returns the one seen before under its id. */
  see(link: Link): Link | undefined {
    const known = this.#young.get(link.recordId) ?? this.#old.get(link.recordId);
    if (known || link.recordId.length > MAX_ID) return known;
    if (this.#young.size >= SIZE) {
      this.#forgetful ||= this.#old.size > 0;
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(link.recordId, link);
    return undefined;
  }
}
