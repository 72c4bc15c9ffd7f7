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
