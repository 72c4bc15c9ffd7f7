/** What a contender's process is to do. */
export interface Job {
  readonly contender: string;
  /**
   * `speed`: as fast as it goes; `load`: {@link RATE} records a second until it is told to stop; `exit`: many in one tick,
   * and nothing else.
   */
  readonly task: 'speed' | 'load' | 'exit';
  /** Its own folder. */
  readonly folder: string;
  /** Where the sink takes its records; the path that a protocol demands comes after it. */
  readonly sink: string;
  /** The number of the record before the first. */
  readonly base: number;
  /** File that holds how many calls have returned, as a double. */
  readonly counter: string;
}

/** Records a second under load: what the sample bot leaves at 500 updates a second. */
export const RATE = 1_000;

/** Calls of the task `speed`, of which the first are not timed. */
export const CALLS = { warmUp: 1_000, timed: 10_000 };

/** Calls in one tick of the task `exit`. */
export const CALLS_IN_A_TICK = 5_000;

/** What the task `speed` says: the time of a call is in microseconds. */
export interface Speed {
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** `stop`: no more records; `end`: the orderly end that its documentation asks for. */
export type Order = 'stop' | 'end';
