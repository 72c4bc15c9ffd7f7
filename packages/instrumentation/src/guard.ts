import { type AuditBackend, activeBackend } from '@botaudit/api';

/**
 * Runs audit code that must not disturb the bot.
 *
 * @returns what `fn` returns; `undefined` when it threw. The error is counted by the backend under `source`.
 */
export function guard<T>(source: string, fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    report(source, error);
    return undefined;
  }
}

/** Counts an error of ours that was kept from the bot. Never throws. */
export function report(source: string, error: unknown): void {
  try {
    activeBackend()?.reportError(source, error);
  } catch {
    // The backend itself can't be had; there is nobody left to tell.
  }
}

/** The backend, or `undefined` where there is none or it can't be started: the bot runs on, unaudited. */
export function currentBackend(): AuditBackend | undefined {
  try {
    return activeBackend();
  } catch {
    // Whoever registered the backend has said why it did not start.
    return undefined;
  }
}
