/** How long a wait takes at most before it fails, in milliseconds, unless it says otherwise. */
const DEFAULT_DEADLINE_MS = 10_000;

export interface WaitOptions {
  /** What is waited for, in words for the error message. */
  readonly what?: string | undefined;
  /** In milliseconds. Default 10 s. */
  readonly deadlineMs?: number | undefined;
}

/** Tells those who wait for a condition that something has changed. */
export class Signal {
  #waiters = new Set<() => void>();

  /** Has everybody look at their condition again. */
  notify(): void {
    for (const look of [...this.#waiters]) look();
  }

  /**
   * Waits until `condition` gives something other than `undefined`, `null` or `false`, looking whenever something
   * changes.
   *
   * @returns what it gave.
   * @throws {Error} when the deadline passes first, or the condition throws.
   */
  async until<T>(
    condition: () => T | undefined | null | false,
    { what = 'the condition', deadlineMs = DEFAULT_DEADLINE_MS }: WaitOptions = {},
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      try {
        const value = condition();
        if (value !== undefined && value !== null && value !== false) resolve(value);
      } catch (error) {
        reject(error);
      }
    };
    const timer = setTimeout(
      () => reject(new Error(`Waited ${deadlineMs} ms for ${what}, which did not happen`)),
      deadlineMs,
    );
    this.#waiters.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(look);
    }
  }
}
