import { expect, test } from 'vitest';
import { errorCode, errorType } from '../src/error-type.js';
import { read, readId, readList } from '../src/read.js';
import { isSupported, supportedText } from '../src/supported-versions.js';

const throwing = {
  get id(): never {
    throw new Error('hands off');
  },
};

test('reads along a path, own members only', () => {
  expect(read({ a: { b: 1 } }, 'a', 'b')).toBe(1);
  expect(read({ a: null }, 'a', 'b')).toBeUndefined();
  expect(read('text', 'length')).toBeUndefined();
  expect(read(Object.create({ from: 'the prototype' }), 'from')).toBeUndefined();
  expect(read(JSON.parse('{"__proto__":{"from":1}}'), 'from')).toBeUndefined();
});

test('what throws when it is read is not there', () => {
  const proxy = new Proxy(
    {},
    {
      getOwnPropertyDescriptor() {
        throw new Error('hands off');
      },
    },
  );
  for (const value of [throwing, proxy]) expect(read(value, 'id')).toBeUndefined();
  expect(readList({ list: proxy }, ['list'], 3)).toEqual([]);
});

test('an id is a short string', () => {
  expect(readId({ id: 42 }, 'id')).toBe('42');
  expect(readId({ id: -1001234567890 }, 'id')).toBe('-1001234567890');
  expect(readId({ id: 2n ** 60n }, 'id')).toBe('1152921504606846976');
  expect(readId({ id: '@name' }, 'id')).toBe('@name');
  expect(readId({ id: 'x'.repeat(1000) }, 'id')).toHaveLength(256);
  for (const id of ['', Number.NaN, {}, [], null, true]) expect(readId({ id }, 'id')).toBeUndefined();
});

test('a list is cut', () => {
  expect(readList({ list: [1, 2, 3] }, ['list'], 2)).toEqual([1, 2]);
  expect(readList({ list: 'no' }, ['list'], 2)).toEqual([]);
});

test('an error is known by its class, and a system error by its code', () => {
  class OddError extends Error {}
  expect(errorType(new OddError('secret'))).toBe('OddError');
  expect(errorType('thrown text')).toBe('string');
  expect(errorType(null)).toBe('object');
  expect(errorType(Object.create(null))).toBe('Error');
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  expect(errorCode(new Error('outer', { cause: reset }))).toBe('ECONNRESET');
  expect(errorCode({ error: reset })).toBe('ECONNRESET');
  expect(errorCode({ code: 'not a code' })).toBeUndefined();
  const cyclic: { cause?: unknown } = {};
  cyclic.cause = cyclic;
  expect(errorCode(cyclic)).toBeUndefined();
});

test('versions are compared by number', () => {
  const range = { from: '1.9.0', below: '2.0.0' };
  expect(['1.9.0', '1.10.3', '1.46.0', 'v1.9.1'].map((version) => isSupported(range, version))).not.toContain(false);
  expect(['1.8.9', '2.0.0', '2.0.0-beta.1', '10.0.0', 'x'].map((version) => isSupported(range, version))).not.toContain(
    true,
  );
  expect(supportedText(range)).toBe('>=1.9.0 <2.0.0');
});
