import { expect, test } from 'vitest';
import { observe, type Settlement } from '../src/observe.js';

function watch<T>(result: T): { returned: T; settlements: Settlement[] } {
  const settlements: Settlement[] = [];
  return { returned: observe(result, (settlement) => settlements.push(settlement)), settlements };
}

test('a plain value is passed on, after it was seen', () => {
  const value = { plain: true };
  const { returned, settlements } = watch(value);
  expect(returned).toBe(value);
  expect(settlements).toEqual([{ status: 'fulfilled', value }]);
});

test('a promise settles with the very same value, after it was seen', async () => {
  const value = {};
  const { returned, settlements } = watch(Promise.resolve(value));
  expect(settlements).toEqual([]);
  expect(await returned).toBe(value);
  expect(settlements).toEqual([{ status: 'fulfilled', value }]);
});

test('a promise rejects with the very same error', async () => {
  const reason = new Error('theirs');
  const { returned, settlements } = watch(Promise.reject(reason));
  const caught = await returned.catch((error: unknown) => error);
  expect(caught).toBe(reason);
  expect(settlements).toEqual([{ status: 'rejected', reason }]);
});

test('a rejection that nobody handles is still unhandled', async () => {
  const reason = new Error('nobody handles this');
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const seen = new Promise<unknown>((resolve) => process.once('unhandledRejection', resolve));
  try {
    watch(Promise.reject(reason));
    expect(await seen).toBe(reason);
  } finally {
    for (const listener of before) process.on('unhandledRejection', listener);
  }
});

test('a promise of a subclass, or with members of its own, is the very object', async () => {
  class Own extends Promise<number> {}
  const subclass = Own.resolve(1);
  const extended = Object.assign(Promise.resolve(2), { pid: 7 });
  for (const promise of [subclass, extended]) {
    const { returned, settlements } = watch(promise);
    expect(returned).toBe(promise);
    const value = await promise;
    expect(settlements).toEqual([{ status: 'fulfilled', value }]);
  }
});

test('a promise whose constructor takes no executor is returned unobserved', () => {
  class Odd extends Promise<null> {
    constructor(_executor: unknown) {
      super((resolve) => resolve(null));
    }
  }
  const odd = new Odd(null);
  const { returned, settlements } = watch(odd);
  expect(returned).toBe(odd);
  expect(settlements).toEqual([{ status: 'unobserved' }]);
});

test('another thenable is not started by being watched', () => {
  let started = false;
  const lazy = {
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    then: () => {
      started = true;
    },
  };
  const { returned, settlements } = watch(lazy);
  expect(returned).toBe(lazy);
  expect(started).toBe(false);
  expect(settlements).toEqual([{ status: 'unobserved' }]);
});

test('a value whose members throw is passed on', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('hands off');
      },
    },
  );
  expect(watch(hostile).returned).toBe(hostile);
});
