import { read } from './read.js';

const MAX_LENGTH = 128;
const CODE = /^[A-Z][A-Z0-9_]+$/;

/**
 * What kind of error this is, for `error.type`: the name of its class, never its message. Never throws.
 */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const name = (error as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === 'string' && name !== '') return name.slice(0, MAX_LENGTH);
  } catch {
    // An error that can't be looked at is still one.
  }
  return 'Error';
}

/** The code of a system error such as `ECONNRESET`, wherever in the chain of causes it stands. Never throws. */
export function errorCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current !== undefined; depth++) {
    const code = read(current, 'code');
    if (typeof code === 'string' && CODE.test(code)) return code.slice(0, MAX_LENGTH);
    current = read(current, 'error') ?? read(current, 'cause');
  }
  return undefined;
}

/** Codes of failures to reach the platform at all. `ENOENT`: a file that was to be uploaded is not there. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOENT']);

/**
 * Whether a call that ended with this code, as {@link errorCode} finds it, never reached the platform, so that nothing was
 * carried out. Any other code leaves that open.
 */
export function neverSent(code: string | undefined): boolean {
  return code !== undefined && NEVER_SENT.has(code);
}

/** Whether it is the platform, or a proxy before it, that failed: what it had carried out by then is open. */
export function isServerError(status: number): boolean {
  return status >= 500;
}
