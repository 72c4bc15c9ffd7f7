import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { startSyncWorker } from './start-sync-worker.js';
import {
  FAILURES,
  RESTS,
  SLOTS,
  STOP,
  SYNCED,
  type SyncFailure,
  type SyncWorkerInput,
  WRITTEN,
} from './sync-protocol.js';

/** A thread that ended by itself is started anew after a pause, each time longer. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface SyncThreadOptions {
  /** At most one sync in so many milliseconds. */
  readonly intervalMs: number;
  /** A sync failed, see `takeFailures`. Not called within a method. */
  readonly onFailure: () => void;
  /** The thread can't be started, or ended by itself; it is started anew later. May be called within `opened`. */
  readonly onBroken: () => void;
}

/**
 * The thread that syncs, as the writer's own sees it: no method waits for the disk. It is started with the first segment,
 * keeps no process alive, and loads none of the bot's preloads.
 */
export class SyncThread {
  readonly #options: SyncThreadOptions;
  readonly #slots = new Int32Array(new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT));
  #path: string | undefined;
  #port: MessagePort | undefined;
  #restart: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #failures: SyncFailure[] = [];
  #failuresTaken = 0;
  #stopped = false;

  constructor(options: SyncThreadOptions) {
    this.#options = options;
  }

  /** Lines written and not synced. */
  get behind(): number {
    return (Atomics.load(this.#slots, WRITTEN) - Atomics.load(this.#slots, SYNCED)) | 0;
  }

  /** Whether there are failures to be taken. */
  get hasFailed(): boolean {
    return Atomics.load(this.#slots, FAILURES) !== this.#failuresTaken;
  }

  /** A segment was made. What is in the one before is no business of the thread's any more. */
  opened(path: string): void {
    this.#path = path;
    if (this.#port) this.#port.postMessage(path);
    else if (!this.#restart) this.#start();
  }

  /** One more line is written. */
  wrote(): void {
    Atomics.add(this.#slots, WRITTEN, 1);
    if (Atomics.load(this.#slots, RESTS) === 1) Atomics.notify(this.#slots, WRITTEN);
  }

  /** The failures since the last call. */
  takeFailures(): SyncFailure[] {
    this.#failuresTaken = Atomics.load(this.#slots, FAILURES);
    const port = this.#port;
    for (let next = port && receiveMessageOnPort(port); port && next; next = receiveMessageOnPort(port)) {
      this.#failures.push(next.message);
    }
    return this.#failures.splice(0);
  }

  /** Ends the thread, once the sync that is under way is through. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    Atomics.store(this.#slots, STOP, 1);
    // What it may wait for changes, so that it can't fall asleep after this.
    Atomics.add(this.#slots, WRITTEN, 1);
    Atomics.notify(this.#slots, STOP);
    Atomics.notify(this.#slots, WRITTEN);
    this.#port?.close();
  }

  #start(): void {
    this.#restart = undefined;
    try {
      const { port1, port2 } = new MessageChannel();
      const input: SyncWorkerInput = { port: port2, slots: this.#slots, intervalMs: this.#options.intervalMs };
      startSyncWorker(input, () => this.#broken());
      port1.on('message', (failure: SyncFailure) => {
        this.#failures.push(failure);
        this.#options.onFailure();
      });
      port1.unref();
      this.#port = port1;
      if (this.#path !== undefined) port1.postMessage(this.#path);
    } catch {
      this.#broken();
    }
  }

  #broken(): void {
    if (this.#stopped) return;
    this.#port = undefined;
    this.#restart = setTimeout(() => this.#start(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#options.onBroken();
  }
}
