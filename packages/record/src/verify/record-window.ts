import type { Link } from './link.js';

/** How many records back a repeated one is known for sure. */
const SIZE = 16_384;

/** Longest id that is remembered, in UTF-16 units; ours have 36. */
const MAX_ID = 128;

/**
 * The records seen last, by `audit.record.id`: tells a record that stands twice, and two that share an id. Bounded, so
 * that verification runs in constant memory: what stands further apart than {@link SIZE} records is not noticed here.
 */
export class RecordWindow {
  readonly #links = new Map<string, Link>();
  #forgetful = false;

  /** Whether a record was forgotten, so that one which is not known may have been seen all the same. */
  get forgetful(): boolean {
    return this.#forgetful;
  }

  /** Takes in a record; returns the one seen before under its id. */
  see(link: Link): Link | undefined {
    const known = this.#links.get(link.recordId);
    if (known || link.recordId.length > MAX_ID) return known;
    this.#links.set(link.recordId, link);
    if (this.#links.size > SIZE) {
      const [oldest] = this.#links.keys();
      this.#links.delete(oldest!);
      this.#forgetful = true;
    }
    return undefined;
  }
}
