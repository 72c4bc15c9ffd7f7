import type { Entry } from './elasticsearch/delivery.js';

const FIRST_BYTES = 256 * 1024;
/** What is kept for the next request; a larger one gets memory of its own. */
const KEPT_BYTES = 8 * 1024 * 1024;

let scratch = Buffer.allocUnsafe(FIRST_BYTES);

/**
 * Writes the lines of bulk requests, one after the other, into memory that all requests share in turn: documents are
 * then kept as bytes, which take half or less of what strings take, outside of the heap.
 */
export class Lines {
  readonly entries: Entry[] = [];
  #length = 0;

  /** Adds a document; `more` is what its entry says beside where it is. */
  add(id: string, document: string, more?: Pick<Entry, 'event' | 'observedMs'>): void {
    const start = this.#length;
    this.#write(`{"create":{"_id":"${id}"}}\n`);
    const documentStart = this.#length;
    this.#write(document);
    this.#write('\n');
    this.entries.push({ id, start, documentStart, end: this.#length, ...more });
  }

  /** All of it, in memory of its own. Nothing may be added afterwards. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.#length);
    scratch.copy(bytes, 0, 0, this.#length);
    if (scratch.length > KEPT_BYTES) scratch = Buffer.allocUnsafe(FIRST_BYTES);
    return bytes;
  }

  #write(text: string): void {
    // No character takes more than three bytes for each of its UTF-16 code units.
    const needed = this.#length + text.length * 3;
    if (needed > scratch.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, scratch.length * 2));
      scratch.copy(larger, 0, 0, this.#length);
      scratch = larger;
    }
    this.#length += scratch.write(text, this.#length, 'utf8');
  }
}
