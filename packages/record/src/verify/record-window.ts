import type { Link } from './link.js';
import { readLink, SeenRecords, type Twin } from './seen-records.js';

/** How many records back, at least, a repeated one is known for sure. */
const SIZE = 8192;

/** Longest id that is remembered, in UTF-16 units; ours have 36. */
const MAX_ID = 128;

/**
 * The records seen last, by `audit.record.id`: tells a record that stands twice, and two that share an id. Bounded, so
 * that verification runs in constant memory: what stands further apart than {@link SIZE} records may pass unnoticed here.
 */
export class RecordWindow {
  // Two generations: all of the older one is forgotten at once.
  #young = new SeenRecords(SIZE);
  #old = new SeenRecords(SIZE);
  #forgetful = false;

  /** Whether a record was forgotten, so that one which is not known may have been seen all the same. */
  get forgetful(): boolean {
    return this.#forgetful;
  }

  /** Takes in a record; returns the one seen before under its id. */
  see(link: Link): Twin | undefined {
    const isNumeric = readLink(link);
    const twin = this.#young.twinOf(link, isNumeric) ?? this.#old.twinOf(link, isNumeric);
    if (twin || link.recordId.length > MAX_ID) return twin;
    if (this.#young.isFull) {
      this.#forgetful ||= this.#old.size > 0;
      [this.#young, this.#old] = [this.#old, this.#young];
      this.#young.clear();
    }
    this.#young.add(link, isNumeric);
    return undefined;
  }
}
