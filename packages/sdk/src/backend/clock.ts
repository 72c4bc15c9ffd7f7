import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';

/** A time of a stream. */
export interface Moment {
  /** Seconds since the epoch, and nanoseconds. */
  readonly time: HrTime;
  /** The system's clock stands before a time that this stream has seen already. */
  readonly held: boolean;
}

// Taken at once: a test of the application's may put a fake clock in their place.
const dateNow = Date.now;
const monotonicNow = performance.now.bind(performance);

/** Within a millisecond the two clocks that this one is made of may disagree without anything being wrong. */
const TOLERANCE_NS = 1_000_000;

/**
 * The clock of a stream: the system's milliseconds, with the monotonic clock between them. It never goes back: where the
 * system's does, it stands still until that has caught up.
 */
export class StreamClock {
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  /** The system's clock, ms, and the monotonic clock, ms, at the same instant. */
  #baseWall: number;
  #baseMonotonic: number;
  #last: HrTime = [0, 0];

  /**
   * The parameters are there for tests.
   *
   * @param wall milliseconds since the epoch.
   * @param monotonic milliseconds from anywhere, never back.
   * @param origin what `wall` was, and a fraction, when `monotonic` was 0.
   */
  constructor(
    wall: () => number = dateNow,
    monotonic: () => number = monotonicNow,
    origin: number = performance.timeOrigin,
  ) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#baseWall = Math.floor(origin);
    this.#baseMonotonic = this.#baseWall - origin;
  }

  now(): Moment {
    const wall = this.#wall();
    const monotonic = this.#monotonic();
    const elapsed = monotonic - this.#baseMonotonic;
    const whole = Math.floor(elapsed);
    let fraction = elapsed - whole;
    const estimate = this.#baseWall + whole;
    if (estimate !== wall) {
      // Drift, or a clock that was set: the system's clock says the millisecond.
      fraction = estimate < wall ? 0 : 0.999_999;
      this.#baseWall = wall;
      this.#baseMonotonic = monotonic - fraction;
    }
    const seconds = Math.floor(wall / 1000);
    const nanoseconds = (wall - seconds * 1000) * 1_000_000 + Math.floor(fraction * 1_000_000);
    const [lastSeconds, lastNanoseconds] = this.#last;
    const behind = (lastSeconds - seconds) * 1_000_000_000 + (lastNanoseconds - nanoseconds);
    if (behind > 0) return { time: this.#last, held: behind > TOLERANCE_NS };
    this.#last = [seconds, nanoseconds];
    return { time: this.#last, held: false };
  }
}

/** Decimal nanoseconds since the epoch, as a record has them. */
export function nanosecondsOf([seconds, nanoseconds]: HrTime): string {
  return seconds === 0 ? String(nanoseconds) : `${seconds}${String(nanoseconds).padStart(9, '0')}`;
}

/** When something happened that was observed at `observed`: `date`, unless it lies after that or is none. */
export function happenedAt(date: Date | undefined, observed: HrTime): HrTime {
  if (date === undefined) return observed;
  const ms = Number(date); // Not getTime(): it may be a date of another realm, or none at all.
  const [seconds, nanoseconds] = observed;
  if (!(ms >= 0 && ms < seconds * 1000 + nanoseconds / 1_000_000)) return observed;
  const whole = Math.floor(ms);
  return [Math.floor(whole / 1000), (whole % 1000) * 1_000_000];
}
