import { expect, test } from 'vitest';
import { type Method, patchMethod } from '../src/patch-method.js';

const counting =
  (calls: string[], name: string) =>
  (original: Method): Method =>
    function (this: unknown, ...args) {
      calls.push(name);
      return Reflect.apply(original, this, args);
    };

class Thing {
  readonly #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  add(more: number): number {
    return this.#value + more;
  }
}

/** What shimmer does, as OpenTelemetry's own instrumentations use it. */
function shim(target: Record<string, Method>, name: string, wrap: (original: Method) => Method): void {
  const original = target[name]!;
  const wrapped = Object.assign(wrap(original), {
    __wrapped: true,
    __original: original,
    __unwrap: () => {
      if (target[name] === wrapped) target[name] = original;
    },
  });
  target[name] = wrapped;
}

test('the wrapper gets the very this and arguments, and its result is returned', () => {
  const calls: string[] = [];
  class Own extends Thing {}
  Object.defineProperty(Own.prototype, 'add', Object.getOwnPropertyDescriptor(Thing.prototype, 'add')!);
  expect(patchMethod(Own.prototype, 'add', counting(calls, 'ours'))).toBe(true);
  expect(new Own(1).add(2)).toBe(3);
  expect(calls).toEqual(['ours']);
});

test('however often it is patched, it is wrapped once', () => {
  const calls: string[] = [];
  const target = { run: () => 'result' };
  for (let i = 0; i < 3; i++) expect(patchMethod(target, 'run', counting(calls, 'ours'))).toBe(true);
  expect(target.run()).toBe('result');
  expect(calls).toEqual(['ours']);
});

test('name, length and attributes of the member stay, and it carries no marks', () => {
  const target = { run: (_a: number, _b: number) => 0 };
  Object.defineProperty(target, 'run', { enumerable: false });
  const before = Object.getOwnPropertyDescriptor(target, 'run')!;
  patchMethod(target, 'run', counting([], 'ours'));
  const after = Object.getOwnPropertyDescriptor(target, 'run')!;
  expect({ ...after, value: null }).toEqual({ ...before, value: null });
  expect([target.run.name, target.run.length]).toEqual(['run', 2]);
  expect(Object.keys(target.run)).toEqual([]);
});

test.each(['before', 'after'])('stacks with a shimmer-style wrapper that comes %s it', (when) => {
  const calls: string[] = [];
  const target: Record<string, Method> = { run: () => 'result' };
  if (when === 'before') shim(target, 'run', counting(calls, 'theirs'));
  patchMethod(target, 'run', counting(calls, 'ours'));
  if (when === 'after') shim(target, 'run', counting(calls, 'theirs'));
  expect(target.run?.()).toBe('result');
  expect(calls.sort()).toEqual(['ours', 'theirs']);
});

test('a missing, foreign or frozen member is left alone', async () => {
  const frozen = Object.freeze({ run: () => 0 });
  expect(patchMethod(await import('node:path'), 'join', counting([], 'ours'))).toBe(false);
  expect(patchMethod({}, 'run', counting([], 'ours'))).toBe(false);
  expect(patchMethod({ run: 1 }, 'run', counting([], 'ours'))).toBe(false);
  expect(patchMethod(frozen, 'run', counting([], 'ours'))).toBe(false);
});
