const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Pauses that grow with each failure in a row, up to 10 seconds, each with jitter: several indexers must not knock at once. */
export class Backoff {
  #failures = 0;

  /** Whether the last attempt failed. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Counts a failure. @returns how long to wait, in milliseconds. */
  failed(): number {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
    return longest * (0.5 + Math.random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
