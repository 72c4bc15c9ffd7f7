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

let told = false;

/** The backend, or `undefined` where there is none or it can't be started: the bot runs on, unaudited. */
export function currentBackend(): AuditBackend | undefined {
  try {
    return activeBackend();
  } catch (error) {
    if (!told) tell(error);
    told = true;
    return undefined;
  }
}

/** Says why nothing is audited, unless whoever registered the backend has. */
function tell(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_AUDIT_UNAVAILABLE') return;
  const reason = error instanceof Error ? error.message : 'it failed';
  process.stderr.write(`botaudit: auditing could not be started, NOTHING IS AUDITED: ${reason}\n`);
}
