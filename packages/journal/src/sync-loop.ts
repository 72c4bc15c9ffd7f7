import { receiveMessageOnPort } from 'node:worker_threads';
import { errorCode } from './errors.js';
import { FAILURES, RESTS, STOP, SYNCED, type SyncFailure, type SyncWorkerInput, WRITTEN } from './sync-protocol.js';
import { Syncer } from './syncer.js';

/** A disk that fails is asked ever less often: each failure costs the writer a segment. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** What the syncing thread does. It sleeps in the kernel: there is no event loop that turns. */
export class SyncLoop {
  readonly #input: SyncWorkerInput;
  readonly #syncer = new Syncer();
  /** Lines that were counted when it last synced. */
  #seen: number;
  #pauseMs: number;

  constructor(input: SyncWorkerInput) {
    this.#input = input;
    this.#seen = Atomics.load(input.slots, SYNCED);
    this.#pauseMs = input.intervalMs;
  }

  /** Syncs until it is told to stop. */
  run(): void {
    const { slots, port } = this.#input;
    while (this.#rest()) {
      const started = performance.now();
      this.sync();
      // A line that comes after a quiet time is synced at once, those that follow it together.
      Atomics.wait(slots, STOP, 0, Math.max(0, this.#pauseMs - (performance.now() - started)));
    }
    this.#syncer.close();
    port.close();
  }

  /** Syncs what is written by now. */
  sync(): void {
    const { slots, port, intervalMs } = this.#input;
    // Read first: whatever is counted by now stands in a segment that the port tells of.
    this.#seen = Atomics.load(slots, WRITTEN);
    for (let made = receiveMessageOnPort(port); made; made = receiveMessageOnPort(port)) {
      this.#syncer.open(made.message);
    }
    const { path } = this.#syncer;
    // Given up, and the writer has not heard of it yet: what it writes there can't be vouched for.
    if (path === undefined) return;
    try {
      this.#syncer.sync();
      Atomics.store(slots, SYNCED, this.#seen);
      this.#pauseMs = intervalMs;
    } catch (error) {
      // Another sync would find nothing left to write and report success, though what failed is not on the disk.
      this.#syncer.close();
      port.postMessage({ path, code: errorCode(error) } satisfies SyncFailure);
      Atomics.add(slots, FAILURES, 1);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, intervalMs, this.#pauseMs * 2));
    }
  }

  /** Waits for a line that was not counted yet. Returns whether to go on. */
  #rest(): boolean {
    const { slots } = this.#input;
    Atomics.store(slots, RESTS, 1);
    Atomics.wait(slots, WRITTEN, this.#seen);
    Atomics.store(slots, RESTS, 0);
    return Atomics.load(slots, STOP) === 0;
  }
}
