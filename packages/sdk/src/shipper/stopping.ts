/** Shipping ends here: not a failure, whatever was not acknowledged stays in the journal. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/**
 * How shipping is told to end: in haste first (nothing is waited for any more, but what can be sent still is), then, at
 * the deadline, at once.
 */
export class Stopping {
  readonly #haste = new AbortController();
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** Whether it has begun. */
  get begun(): boolean {
    return this.#haste.signal.aborted;
  }

  /** Aborts at the deadline. */
  get deadline(): AbortSignal {
    return this.#end.signal;
  }

  /** Asks for the end, within `deadlineMs`; 0 is at once. Only the first call counts. */
  begin(deadlineMs: number): void {
    if (this.begun) return;
    this.#haste.abort();
    if (deadlineMs > 0) this.#timer = setTimeout(() => this.#end.abort(), deadlineMs);
    else this.#end.abort();
  }

  /** Waits, but no longer than until the end is asked for. */
  sleep(ms: number): Promise<void> {
    if (this.begun) return Promise.resolve();
    return new Promise((resolve) => {
      const { signal } = this.#haste;
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
    });
  }

  /** @throws {StoppedError} when the deadline has passed. */
  throwIfOver(): void {
    if (this.deadline.aborted) throw new StoppedError('the deadline has passed');
  }

  /** Shipping has ended; lets go of the timer. */
  done(): void {
    clearTimeout(this.#timer);
  }
}
