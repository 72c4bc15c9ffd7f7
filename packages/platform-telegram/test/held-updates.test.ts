import { expect, test } from 'vitest';
import { heldUpdates } from '../src/held-updates.js';

const poller = (next: unknown) => ({ next }) as { next: number };
const hold = heldUpdates('test', {
  get: (each) => (each as { next?: number }).next,
  set: (each, next) => void Object.assign(each, { next }),
});

test('while updates are held, the first of them is what is asked for next', () => {
  const bot = poller(13);
  const [first, second, third] = [10, 12, 11].map((id) => hold(bot, id));
  expect(bot.next).toBe(10);
  first?.();
  expect(bot.next).toBe(11);
  second?.();
  expect(bot.next).toBe(11);
  third?.();
  expect(bot.next).toBe(13);
  third?.();
  expect(bot.next).toBe(13);
});

test('one that is held again after it was let go is held', () => {
  const bot = poller(11);
  hold(bot, 10)();
  const release = hold(bot, 10);
  expect(bot.next).toBe(10);
  release();
  expect(bot.next).toBe(11);
});

test('those that were held when the poller went on by itself have been given up', () => {
  const bot = poller(11);
  const given = hold(bot, 10);
  bot.next = 21;
  const release = hold(bot, 20);
  expect(bot.next).toBe(20);
  given();
  expect(bot.next).toBe(20);
  release();
  expect(bot.next).toBe(21);
});

test('what is asked for next stays as it is where it is not known, or the update has no number', () => {
  const unknown = poller(undefined);
  hold(unknown, 10)();
  expect(unknown.next).toBeUndefined();
  const bot = poller(11);
  hold(bot, '10')();
  expect(bot.next).toBe(11);
});
