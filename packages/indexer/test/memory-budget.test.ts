import { expect, test } from 'vitest';
import { MemoryBudget } from '../src/memory-budget.js';

test('who waits for memory gets it in turn, and gives up when told to', async () => {
  const budget = new MemoryBudget(100);
  const { signal } = new AbortController();
  const leaving = new AbortController();
  expect(await budget.reserve(60, 'one', signal)).toBe(true);
  const order: string[] = [];
  const waiting = [
    budget.reserve(50, 'one', signal).then((got) => order.push(`first ${got}`)),
    budget.reserve(10, 'one', leaving.signal).then((got) => order.push(`second ${got}`)),
    budget.reserve(10, 'one', signal).then((got) => order.push(`third ${got}`)),
  ];
  leaving.abort();
  await waiting[1];
  expect(budget.used).toBe(60);
  budget.give(60);
  await Promise.all(waiting);
  expect(order).toEqual(['second false', 'first true', 'third true']);
  expect(budget.used).toBe(60);
});

test('more memory than there can ever be is given to who is alone', async () => {
  const budget = new MemoryBudget(100);
  const { signal } = new AbortController();
  expect(await budget.reserve(150, 'one', signal)).toBe(true);
  const next = budget.reserve(10, 'one', signal);
  budget.give(150);
  expect(await next).toBe(true);
  expect(await budget.reserve(10, 'one', AbortSignal.abort())).toBe(false);
});

test('whoever wants much of it does not keep the others waiting', async () => {
  const budget = new MemoryBudget(100);
  const { signal } = new AbortController();
  await budget.reserve(100, 'greedy', signal);
  const order: string[] = [];
  const wait = async (whose: string) => {
    await budget.reserve(100, whose, signal);
    order.push(whose);
    budget.give(100);
  };
  const all = ['greedy', 'greedy', 'greedy', 'modest', 'other', 'modest'].map(wait);
  budget.give(100);
  await Promise.all(all);
  expect(order).toEqual(['greedy', 'modest', 'other', 'greedy', 'modest', 'greedy']);
  expect(budget.used).toBe(0);
});

test('who does not fit holds up those behind no longer than it waits itself', async () => {
  const budget = new MemoryBudget(100);
  const leaving = new AbortController();
  await budget.reserve(60, 'one', leaving.signal);
  const large = budget.reserve(80, 'one', leaving.signal);
  const small = budget.reserve(10, 'another', new AbortController().signal);
  leaving.abort();
  expect([await large, await small]).toEqual([false, true]);
});
