import type { Count } from '../metrics/metrics.js';
import type { Refusal } from '../metrics/table.js';

/** The records of a request did not get their place; the sender keeps them and comes again. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError';
  readonly reason: Refusal;

  constructor(reason: Refusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A document on its way: where its lines are in the delivery's bytes. */
export interface Entry {
  readonly id: string;
  /** Start of the line that says what to do with it. */
  readonly start: number;
  /** Start of the document itself. */
  readonly documentStart: number;
  /** End of both, after the newline. */
  readonly end: number;
  /** Counted when it is stored, and not when it was there already. */
  readonly event?: Count | undefined;
  /** When it was observed: milliseconds since the epoch. */
  readonly observedMs?: number | undefined;
}

/** Documents for one data stream that came together, and whose sender waits for all of them. */
export class Delivery {
  /** Resolves when each has its place. Rejects with a {@link NotStoredError} when that is given up. */
  readonly done: Promise<void>;
  /** Lines of a bulk request: for each document what to do with it, and the document. */
  readonly bytes: Buffer;
  readonly principal: string;
  readonly #waiting: Entry[];
  readonly #released: () => void;
  readonly #settle: PromiseWithResolvers<void>;
  #inFlight = 0;
  #isSettled = false;

  /** @param released called once nothing of it is needed any longer. */
  constructor(bytes: Buffer, entries: Entry[], principal: string, released: () => void) {
    this.bytes = bytes;
    this.principal = principal;
    this.#waiting = entries.reverse();
    this.#released = released;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    // Whoever waits hears of it; that nobody may wait any longer is no error.
    this.done.catch(() => {});
    this.#check();
  }

  /** How many documents have no place yet. */
  get outstanding(): number {
    return this.#waiting.length + this.#inFlight;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The next document to be sent; `undefined` when there is none. It has to be put back, or to get its place. */
  take(): Entry | undefined {
    const entry = this.#waiting.pop();
    if (entry) this.#inFlight++;
    return entry;
  }

  /** A document that was taken could not be stored now. */
  putBack(entry: Entry): void {
    this.#inFlight--;
    if (!this.#isSettled) this.#waiting.push(entry);
    this.#check();
  }

  /** A document that was taken has its place. */
  placed(): void {
    this.#inFlight--;
    this.#check();
  }

  /** Gives up: what is not on its way yet will not be sent. */
  fail(error: NotStoredError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#waiting.length = 0;
    this.#settle.reject(error);
    this.#check();
  }

  #check(): void {
    if (this.outstanding > 0) return;
    if (!this.#isSettled) {
      this.#isSettled = true;
      this.#settle.resolve();
    }
    this.#released();
  }
}
