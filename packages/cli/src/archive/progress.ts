/** A line on the terminal that says how far something is, and is gone when it is over. Nothing where none is. */
export class Progress {
  readonly #stream = process.stderr;
  readonly #what: string;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** @param what as in `archived 3 of 64 segments`: `archived`. */
  constructor(what: string) {
    this.#what = what;
  }

  /** So many are done. */
  readonly show = (done: number, all: number): void => {
    if (!this.#stream.isTTY) return;
    const now = performance.now();
    if (now - this.#shownAt < EVERY_MS && done < all) return;
    this.#shownAt = now;
    this.#stream.write(`${CLEAR}botaudit: ${this.#what} ${done} of ${all} segments`);
  };

  end(): void {
    if (this.#shownAt > 0) this.#stream.write(CLEAR);
  }
}

const EVERY_MS = 100;
/** Back to the first column, and all behind it gone. */
const CLEAR = '\r\u001b[K';
