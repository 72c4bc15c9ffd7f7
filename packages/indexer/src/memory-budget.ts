/**
 * How much memory may be taken by what waits: requests that are being read, and records on their way. Whoever gets no
 * memory tells the sender to come again.
 */
export class MemoryBudget {
  readonly #max: number;
  #used = 0;

  /** @param max bytes. */
  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes `bytes` if there are as many; returns whether it did. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#max) return false;
    this.#used += bytes;
    return true;
  }

  /** Takes `bytes`, for what is in memory already. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /** Gives `bytes` back. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
