import { FirstInFirstOut } from './first-in-first-out.js';

/** How long something counts as what happened before. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** So many keys are remembered; the one that came first is forgotten first. */
const MOST = 10_000;

/** One time that something happened. */
export interface Happened {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether it happened in this thread. */
  readonly isOwn: boolean;
  /** Id of the record that tells of it, where there is one. */
  recordId: string | undefined;
  /** Whether it is known to have come to its end. */
  isDone: boolean;
}

/** What happened within a day, by its key. */
export class DuplicateMemory {
  readonly #byKey: FirstInFirstOut<Happened>;

  /** The parameter is there for tests. */
  constructor(most: number = MOST) {
    this.#byKey = new FirstInFirstOut(most);
  }

  /** A time that is yet to come was noted by a clock that has been set back since: it is kept. */
  get(key: string, now: number): Happened | undefined {
    const first = this.#byKey.get(key);
    if (!first || now - first.at <= REMEMBERED_MS) return first;
    this.#byKey.delete(key);
    return undefined;
  }

  /** Notes what happened, unless the same is known already. */
  keep(key: string, happened: Happened): void {
    this.#byKey.add(key, happened);
  }

  /** Notes what happened in place of what is known. */
  replace(key: string, happened: Happened): void {
    this.#byKey.delete(key);
    this.keep(key, happened);
  }

  /** It has not happened after all. What happened at another time stays. */
  forget(key: string, recordId: string | undefined, happened?: Happened): void {
    const first = this.#byKey.get(key);
    if (first && (first === happened || (recordId !== undefined && first.recordId === recordId)))
      this.#byKey.delete(key);
  }
}
