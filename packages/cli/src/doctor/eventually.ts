import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait, and what ends it before. */
export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Looks again and again until there is something, or the time is up.
 *
 * @param pauseMs between two looks.
 * @returns what there was; `undefined` when the time is up.
 * @throws {DOMException} `AbortError` by `signal`.
 */
export async function eventually<T>(
  { timeoutMs, signal }: Limits,
  pauseMs: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined || performance.now() >= deadline) return found;
    // What keeps the records on their way must not end this process meanwhile: this timer does not let it.
    await sleep(pauseMs, undefined, { signal });
  }
}
