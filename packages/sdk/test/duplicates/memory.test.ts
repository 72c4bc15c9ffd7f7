import { expect, test } from 'vitest';
import { DuplicateMemory, type Happened } from '../../src/duplicates/memory.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const happened = (at = 0, recordId?: string): Happened => ({ at, isOwn: true, recordId, isDone: false });

test('the first one stays the first, for a day', () => {
  const memory = new DuplicateMemory();
  const first = happened();
  memory.keep('a', first);
  memory.keep('a', happened(1));
  expect(memory.get('a', DAY_MS)).toBe(first);
  expect(memory.get('a', DAY_MS + 1)).toBeUndefined();
  // A clock that was set back since.
  memory.keep('b', happened(10 * DAY_MS));
  expect(memory.get('b', 0)).toBeDefined();
});

test('of too many the one that came first is forgotten first, whatever was forgotten in between', () => {
  const memory = new DuplicateMemory(3);
  for (const key of ['a', 'b', 'c']) memory.keep(key, happened());
  memory.forget('a', undefined, memory.get('a', 0));
  const again = happened();
  memory.keep('a', again);
  memory.keep('d', happened());
  expect(['a', 'b', 'c', 'd'].filter((key) => memory.get(key, 0))).toEqual(['a', 'c', 'd']);
  expect(memory.get('a', 0)).toBe(again);
  for (const key of ['e', 'f', 'g']) memory.keep(key, happened());
  expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].filter((key) => memory.get(key, 0))).toEqual(['e', 'f', 'g']);
});

test('only what was told of is forgotten', () => {
  const memory = new DuplicateMemory();
  memory.keep('a', happened(0, 'r1'));
  memory.forget('a', 'r2');
  memory.forget('a', undefined, happened());
  expect(memory.get('a', 0)).toBeDefined();
  memory.forget('a', 'r1');
  expect(memory.get('a', 0)).toBeUndefined();
});
