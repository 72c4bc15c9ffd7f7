import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until `look` returns something.
 *
 * @returns that.
 * @throws when it does not within `timeoutMs`; the message holds what was waited for.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await wait(50);
  }
}
