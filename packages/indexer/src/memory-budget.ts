/** Somebody who waits for memory. */
interface Waiter {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * How much memory may be taken by what waits: requests that are being read, and records on their way. Whoever gets no
 * memory tells the sender to come again, or waits before it asks for more.
 */
export class MemoryBudget {
  readonly #max: number;
  readonly #waiters = new Set<Waiter>();
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

  /**
   * Takes `bytes` as soon as there are as many; more than there can ever be as soon as nothing else is taken.
   *
   * @returns whether it did, before `signal` was aborted.
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#waiters.size === 0 && this.#fits(bytes)) {
      this.#used += bytes;
      return true;
    }
    return new Promise((resolve) => {
      const aborted = () => {
        this.#waiters.delete(waiter);
        resolve(false);
      };
      const grant = () => {
        signal.removeEventListener('abort', aborted);
        resolve(true);
      };
      const waiter = { bytes, grant };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Takes `bytes`, for what is in memory already. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /** Gives `bytes` back. */
  give(bytes: number): void {
    this.#used -= bytes;
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.bytes)) return;
      this.#waiters.delete(waiter);
      this.#used += waiter.bytes;
      waiter.grant();
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#max;
  }
}
