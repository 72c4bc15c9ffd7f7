import type { Logger, LogRecord } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { happenedAt, nanosecondsOf, StreamClock } from '../src/backend/clock.js';
import { Emitter } from '../src/backend/emitter.js';
import { Protection } from '../src/protection/protection.js';

/** A system clock and a monotonic clock that are moved by hand. */
function hands(start: number) {
  let wall = start;
  let monotonic = 0;
  return {
    clock: new StreamClock(
      () => Math.floor(wall),
      () => monotonic,
      start,
    ),
    pass(ms: number) {
      wall += ms;
      monotonic += ms;
    },
    set(ms: number) {
      wall += ms;
    },
  };
}

const START = 1_795_478_400_000;

describe('the clock of a stream', () => {
  it('is finer than a millisecond', () => {
    const { clock, pass } = hands(START);
    pass(1.25);
    expect(nanosecondsOf(clock.now().time)).toBe(`${START + 1}250000`);
    pass(2 ** -10);
    expect(nanosecondsOf(clock.now().time)).toBe(`${START + 1}250976`);
  });

  it('agrees with the system to the millisecond, whatever happens to that', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 50, noNaN: true }), fc.nat(5_000)), { maxLength: 30 }),
        (steps) => {
          const { clock, pass, set } = hands(START);
          let wall = START;
          for (const [passed, forward] of steps) {
            pass(passed);
            set(forward);
            wall += passed + forward;
            const [seconds, nanoseconds] = clock.now().time;
            const ms = seconds * 1_000 + Math.floor(nanoseconds / 1_000_000);
            expect(Math.abs(ms - Math.floor(wall))).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('never goes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.integer({ min: -5_000, max: 5_000 }))),
        (steps) => {
          const { clock, pass, set } = hands(START);
          let last = 0n;
          for (const [passed, jump] of steps) {
            pass(passed);
            set(jump);
            const now = BigInt(nanosecondsOf(clock.now().time));
            expect(now).toBeGreaterThanOrEqual(last);
            last = now;
          }
        },
      ),
    );
  });

  it('is held, and says so, while the system stands before what it has said', () => {
    const { clock, pass, set } = hands(START);
    pass(10);
    const before = clock.now();
    expect(before.held).toBe(false);
    set(-2_000);
    pass(1);
    expect(clock.now()).toEqual({ time: before.time, held: true });
    pass(1_990);
    expect(clock.now().held).toBe(true);
    pass(20);
    const after = clock.now();
    expect(after.held).toBe(false);
    expect(BigInt(nanosecondsOf(after.time))).toBeGreaterThan(BigInt(nanosecondsOf(before.time)));
  });

  it('marks the records that are made while it is held', () => {
    const { clock, pass, set } = hands(START);
    const emitted: LogRecord[] = [];
    const logger: Logger = { emit: (record) => void emitted.push(record), enabled: () => true };
    const emitter = new Emitter(logger, new Protection(), clock);
    for (const jump of [0, -60_000, 60_000]) {
      pass(5);
      set(jump);
      emitter.emit({ name: 'a.b', action: 'DO', outcome: 'success', actor: { id: 'unknown', type: 'user' } });
    }
    expect(emitted.map(({ attributes }) => attributes?.['bot.clock.held'])).toEqual([undefined, true, undefined]);
  });

  it('follows the system by itself', () => {
    const clock = new StreamClock();
    const [seconds] = clock.now().time;
    expect(Math.abs(seconds - Date.now() / 1_000)).toBeLessThan(2);
  });
});

describe('when something happened', () => {
  const observed: [number, number] = [START / 1_000, 500_000_000];
  it.each<[string, Date | undefined, [number, number]]>([
    ['is now where nothing is said', undefined, observed],
    ['is what was said', new Date(START + 123), [START / 1_000, 123_000_000]],
    ['is now where the future is said', new Date(START + 501), observed],
    ['is now where no date is said', new Date(Number.NaN), observed],
    ['is now where a time before the epoch is said', new Date(-1), observed],
  ])('%s', (_, date, expected) => expect(happenedAt(date, observed)).toEqual(expected));
});
