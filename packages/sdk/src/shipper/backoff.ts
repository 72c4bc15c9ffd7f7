/** The pauses between attempts. */
export interface Pauses {
  /** The first one, in milliseconds. Default 500. */
  readonly firstMs?: number;
  /** The longest one, in milliseconds. Default 30,000. */
  readonly longestMs?: number;
}

/** Grows the pauses from one failure to the next, without a limit to how often. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #failures = 0;

  constructor({ firstMs = 500, longestMs = 30_000 }: Pauses = {}) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** How long to wait after one more failure, in milliseconds: between half of the pause and all of it, so that many senders part. */
  next(): number {
    const pause = Math.min(this.#firstMs * 2 ** Math.min(this.#failures++, 32), this.#longestMs);
    return pause * (0.5 + Math.random() / 2);
  }

  /** It went well: the next failure starts anew. */
  reset(): void {
    this.#failures = 0;
  }
}
