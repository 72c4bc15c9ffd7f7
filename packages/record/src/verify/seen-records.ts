import type { Link } from './link.js';

/** A record that was seen under the id of another one. */
export interface Twin {
  readonly streamId: string;
  readonly number: number;
  /** Whether they are one and the same, in the same stream. */
  readonly isSame: boolean;
}

const ID_WORDS = 4;
const HASH_WORDS = 8;
const UUID_LENGTH = 36;
const HASH_LENGTH = 64;
/** A bit for each place at which a UUID has a dash. */
const UUID_DASHES = (1 << 8) | (1 << 13) | (1 << 18) | (1 << 23);

const DASH = 45;

/** Of the id and the hash that are looked at: one of each is needed at a time. */
const idWords = new Uint32Array(ID_WORDS);
const hashWords = new Uint32Array(HASH_WORDS);

/**
 * Records by id, as many as it was made for. UUIDs and hashes are kept as numbers in tables: a `Map` of texts takes ten
 * times the memory and, with the garbage that it leaves behind, a fifth of the time of a verification.
 */
export class SeenRecords {
  readonly #capacity: number;
  /** By the first digits of the id, or in the next place that is free: 1 + the record's index. */
  readonly #slots: Int32Array;
  readonly #ids: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #streamIds: string[] = [];
  /** Those whose id is no UUID in lower case. */
  readonly #others = new Map<string, Pick<Link, 'streamId' | 'number' | 'hash'>>();

  /** @param capacity a power of two. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#slots = new Int32Array(2 * capacity);
    this.#ids = new Uint32Array(ID_WORDS * capacity);
    this.#hashes = new Uint32Array(HASH_WORDS * capacity);
    this.#numbers = new Float64Array(capacity);
  }

  get size(): number {
    return this.#streamIds.length + this.#others.size;
  }

  get isFull(): boolean {
    return this.size >= this.#capacity;
  }

  /** The record that was seen under the id of a link of which {@link readLink} was told. */
  twinOf({ recordId, streamId, hash }: Link, isNumeric: boolean): Twin | undefined {
    if (!isNumeric) {
      const other = this.#others.get(recordId);
      return other && { ...other, isSame: other.hash === hash && other.streamId === streamId };
    }
    const index = (this.#slots[this.#slotOf()] as number) - 1;
    if (index < 0) return undefined;
    const known = this.#streamIds[index] as string;
    const isSame = known === streamId && agree(this.#hashes, index * HASH_WORDS, hashWords);
    return { streamId: known, number: this.#numbers[index] as number, isSame };
  }

  /** The same for one whose id is not known, and for which there is room: takes it in. */
  add({ recordId, streamId, number, hash }: Link, isNumeric: boolean): void {
    if (!isNumeric) {
      this.#others.set(recordId, { streamId, number, hash });
      return;
    }
    const index = this.#streamIds.length;
    this.#slots[this.#slotOf()] = index + 1;
    this.#ids.set(idWords, index * ID_WORDS);
    this.#hashes.set(hashWords, index * HASH_WORDS);
    this.#numbers[index] = number;
    this.#streamIds.push(streamId);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#streamIds.length = 0;
    this.#others.clear();
  }

  /** Where the record with the id in {@link idWords} is, or would be. Half of the slots are free, so there is one. */
  #slotOf(): number {
    const last = this.#slots.length - 1;
    let slot = (idWords[0] as number) & last;
    for (; ; slot = (slot + 1) & last) {
      const index = (this.#slots[slot] as number) - 1;
      if (index < 0 || agree(this.#ids, index * ID_WORDS, idWords)) return slot;
    }
  }
}

/** Has tables look at a link. Returns whether its id and hash are such as they keep as numbers. */
export function readLink({ recordId, hash }: Link): boolean {
  if (recordId.length !== UUID_LENGTH || hash.length !== HASH_LENGTH) return false;
  return toWords(recordId, idWords, UUID_DASHES) && toWords(hash, hashWords, 0);
}

function agree(table: Uint32Array, from: number, words: Uint32Array): boolean {
  for (let index = 0; index < words.length; index++) if (table[from + index] !== words[index]) return false;
  return true;
}

/** What digits stand for; -1 for all other characters below 128. */
const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) VALUES[value.toString(16).charCodeAt(0)] = value;

/**
 * Reads lower-case hex digits.
 *
 * @param dashes where others stand between them: bit by place, as in a UUID.
 * @returns `false` where the text is anything else.
 */
function toWords(text: string, words: Uint32Array, dashes: number): boolean {
  let word = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (at < 32 && (dashes >> at) & 1) {
      if (code !== DASH) return false;
      continue;
    }
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value < 0) return false;
    word = (word << 4) | value;
    if ((++digits & 7) === 0) words[(digits >> 3) - 1] = word;
  }
  return true;
}
