/** Somebody who waits for memory. */
interface Waiter {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * How much memory may be taken by what waits: requests that are being read, and records on their way. Whoever gets no
 * memory waits before it reads what it would be for.
 */
export class MemoryBudget {
  readonly #max: number;
  /** Who waits, by whose memory it would be; the first of these has the next turn. */
  readonly #queues = new Map<string, Set<Waiter>>();
  #used = 0;

  /** @param max bytes. */
  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes `bytes` if there are as many, before those who wait: for who can't go on without; returns whether it did. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#max) return false;
    this.#used += bytes;
    return true;
  }

  /**
   * Takes `bytes` as soon as there are as many; more than there can ever be as soon as nothing else is taken. Those who
   * wait take turns: however many requests one of them has, nobody else waits behind more than one of them.
   *
   * @param whose whose turn it takes, such as the name of a principal.
   * @returns whether it did, before `signal` was aborted.
   */
  async reserve(bytes: number, whose: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#queues.size === 0 && this.#fits(bytes)) {
      this.#used += bytes;
      return true;
    }
    return new Promise((resolve) => {
      const aborted = () => {
        this.#leave(whose, waiter);
        resolve(false);
        // It may have been what those behind it waited for.
        this.#grant();
      };
      const grant = () => {
        signal.removeEventListener('abort', aborted);
        resolve(true);
      };
      const waiter = { bytes, grant };
      const queue = this.#queues.get(whose) ?? new Set();
      this.#queues.set(whose, queue.add(waiter));
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
    this.#grant();
  }

  #grant(): void {
    for (const [whose, queue] of this.#queues) {
      const [waiter] = queue;
      if (!waiter || !this.#fits(waiter.bytes)) return;
      this.#leave(whose, waiter);
      // The others come before its next one.
      if (this.#queues.delete(whose)) this.#queues.set(whose, queue);
      this.#used += waiter.bytes;
      waiter.grant();
    }
  }

  #leave(whose: string, waiter: Waiter): void {
    const queue = this.#queues.get(whose);
    queue?.delete(waiter);
    if (queue?.size === 0) this.#queues.delete(whose);
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#max;
  }
}
