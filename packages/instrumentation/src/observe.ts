import { types } from 'node:util';

/** How a call ended. `unobserved`: it returned something whose end can't be seen without changing it. */
export type Settlement =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly reason: unknown }
  | { readonly status: 'unobserved' };

const { then } = Promise.prototype;

/**
 * Calls `onSettled` when `result` is known, and returns what the caller is to have instead of `result`:
 *
 * - a plain value: itself, after `onSettled` has run;
 * - a plain native promise: a derived one that settles with the very same value or error, after `onSettled` has run.
 *   A handler on the promise itself would make it count as handled, and silence `unhandledRejection` for bots that
 *   forget to await;
 * - a promise of a subclass, or with members of its own: the very object, since callers may use more of it than
 *   `then`. Such a promise counts as handled;
 * - any other thenable: the very object, unobserved: calling `then` may start what it stands for.
 *
 * @param onSettled must not throw.
 */
export function observe<T>(result: T, onSettled: (settlement: Settlement) => void): T {
  const fulfilled = (value: unknown): unknown => {
    onSettled({ status: 'fulfilled', value });
    return value;
  };
  if (types.isPromise(result)) {
    if (isPlain(result)) {
      return then.call(result, fulfilled, (reason: unknown) => {
        onSettled({ status: 'rejected', reason });
        throw reason;
      }) as T;
    }
    try {
      then.call(result, fulfilled, (reason: unknown) => onSettled({ status: 'rejected', reason }));
    } catch {
      // Its constructor takes no executor, so nothing can be derived from it.
      onSettled({ status: 'unobserved' });
    }
    return result;
  }
  if (isThenable(result)) onSettled({ status: 'unobserved' });
  else fulfilled(result);
  return result;
}

function isPlain(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && Object.getOwnPropertyNames(promise).length === 0;
}

function isThenable(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // It can't be awaited either.
    return false;
  }
}
