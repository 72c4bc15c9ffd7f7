/** A message that was handed over, and has no place yet. */
interface Handed {
  readonly offset: bigint;
  hasPlace: boolean;
}

/**
 * How far one partition has come: up to where its messages were handed over, and up to where each of them has its place.
 * Only the latter may be told to the group.
 */
export class Partition {
  readonly number: number;
  /** What the group was told last; `undefined`: nothing yet. */
  told: bigint | undefined;
  readonly #handed: Handed[] = [];
  #next: bigint;

  /** @param start the first offset that is not known to have its place. */
  constructor(number: number, start: bigint, told: bigint | undefined) {
    this.number = number;
    this.told = told;
    this.#next = start;
  }

  /** The offset to fetch from. */
  get next(): bigint {
    return this.#next;
  }

  /** All before this offset has its place. */
  get settled(): bigint {
    return this.#handed[0]?.offset ?? this.#next;
  }

  /**
   * A message is handed over.
   *
   * @returns what to call once it has its place.
   */
  handOver(offset: bigint): () => void {
    const message: Handed = { offset, hasPlace: false };
    this.#handed.push(message);
    this.#next = offset + 1n;
    return () => {
      message.hasPlace = true;
      while (this.#handed[0]?.hasPlace) this.#handed.shift();
    };
  }

  /** There is nothing to hand over before `offset`. */
  skipTo(offset: bigint): void {
    if (offset > this.#next) this.#next = offset;
  }
}
