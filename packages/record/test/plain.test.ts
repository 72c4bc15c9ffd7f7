import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeValue } from '../src/index.js';
import { toPlain } from '../src/index.js';
import { anything, units } from './arbitraries.js';

function isPlain(value: AttributeValue): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) && !(Number.isInteger(value) && Math.abs(value) > 2 ** 53);
    default:
      return Object.entries(value).every(([key, member]) => key.isWellFormed() && isPlain(member));
  }
}

test('any value becomes plain, and none makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(anything, units), (value) => {
      const plain = toPlain(value);
      expect(plain === undefined || isPlain(plain)).toBe(true);
    }),
  );
});

test('what is plain stays what it is, and survives JSON', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const plain = toPlain(value);
      expect(toPlain(plain)).toEqual(plain);
      if (plain !== undefined) expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
    }),
  );
});

test.each([
  [-0, 0],
  [1.5, 1.5],
  [2 ** 53, 2 ** 53],
  [-(2 ** 53), -(2 ** 53)],
  [2 ** 53 + 2, '9007199254740994'],
  [1e21, '1e+21'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [2n ** 53n, 2 ** 53],
  [2n ** 53n + 1n, '9007199254740993'],
  [-42n, -42],
  ['a\ud800b', 'a\ufffdb'],
  [true, true],
  [null, undefined],
  [undefined, undefined],
  [() => 1, undefined],
  [Symbol('s'), undefined],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'Invalid Date'],
  [new TypeError('no'), 'TypeError: no'],
  [new URL('https://example.org/x'), 'https://example.org/x'],
  [new Map([['k', 1]]), { k: 1 }],
  [new Set(['a', 'b']), ['a', 'b']],
  [new String('boxed'), 'boxed'],
  [new Uint8Array([104, 105]), 'aGk='],
  [Buffer.from('hi!'), 'aGkh'],
  [new Uint8Array([1, 2, 3, 4]).subarray(1, 2), 'Ag=='],
  [new Uint8Array([255, 254, 253]).buffer, '//79'],
  [
    [null, undefined, () => 1, 2],
    ['', '', '', 2],
  ],
  [{ a: null, b: undefined, c: () => 1, d: {} }, { d: {} }],
])('%o becomes %o', (value, plain) => {
  expect(toPlain(value)).toEqual(plain);
});

test('bytes of any length are the base64 that Node makes of them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toPlain(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});

test('a member named __proto__ stays a member and touches no prototype', () => {
  const plain = toPlain(JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":2}}')) as Record<string, object>;
  expect(Object.keys(plain)).toEqual(['__proto__', 'a']);
  expect(Object.keys(plain.a!)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('a cycle ends in a marker, while one object in two places stands in both', () => {
  const shared = { x: 1 };
  const value: Record<string, unknown> = { one: shared, two: shared };
  value.self = value;
  expect(toPlain(value)).toEqual({ one: { x: 1 }, two: { x: 1 }, self: '[circular]' });
});

test('nesting without end ends in a marker', () => {
  const endless = (): unknown => new Proxy({}, { ownKeys: () => ['in'], getOwnPropertyDescriptor, get: endless });
  const getOwnPropertyDescriptor = () => ({ enumerable: true, configurable: true });
  const text = JSON.stringify(toPlain(endless()));
  expect(text).toMatch(/too deep|unreadable/);
  let nested: unknown = 'x';
  for (let i = 0; i < 100_000; i++) nested = { nested };
  expect(JSON.stringify(toPlain(nested))).toContain('[too deep]');
});

test('a getter that throws costs its own member alone; a proxy that throws costs itself alone', () => {
  const trap = (): never => {
    throw new Error('trap');
  };
  const value = {
    get bad() {
      return trap();
    },
    good: 1,
    proxy: new Proxy({}, { ownKeys: trap }),
    json: { toJSON: trap },
    revoked: revoked(),
  };
  expect(toPlain(value)).toEqual({
    bad: '[unreadable]',
    good: 1,
    proxy: '[unreadable]',
    json: '[unreadable]',
    revoked: '[unreadable]',
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test('an array of four thousand million holes is cut, in no time', () => {
  const plain = toPlain(new Array(2 ** 32 - 1)) as string[];
  expect(plain).toHaveLength(65_537);
  expect(plain.at(-1)).toBe('[too large]');
});

test('the result shares nothing with the value', () => {
  const value = { list: [{ a: 1 }] };
  const plain = toPlain(value);
  value.list[0]!.a = 2;
  expect(plain).toEqual({ list: [{ a: 1 }] });
});

test('what a marker stands for, and what is dropped for its number, is told; nothing else is', () => {
  const isLossy = (value: unknown) => {
    let told = false;
    toPlain(value, () => {
      told = true;
    });
    return told;
  };
  const trap = (): never => {
    throw new Error('trap');
  };
  const circular: unknown[] = [];
  circular.push(circular);
  let deep: unknown = 'x';
  for (let i = 0; i < 17; i++) deep = [deep];
  const many = Array.from({ length: 65_537 }, (_, i) => [`k${i}`, 0] as const);
  const throwing = Object.defineProperty({}, 'bad', { get: trap, enumerable: true });
  for (const value of [circular, deep, many, new Map(many), Object.fromEntries(many), throwing, { toJSON: trap }]) {
    expect(isLossy(value)).toBe(true);
  }
  for (const value of [null, 'x', [null, () => 1], { a: '[circular]', b: undefined }, new Map([['k', new Date(0)]])]) {
    expect(isLossy(value)).toBe(false);
  }
});
