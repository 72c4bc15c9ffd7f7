import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { EndpointConfig } from '../config/endpoint.js';
import type { MetricSink } from '../metrics/table.js';
import { Backoff, type Pauses } from './backoff.js';
import { replay } from './metric-relay.js';
import { ENDED, type FromWorker, RESTS, SLOTS, type ToWorker, type WorkerInput } from './worker-protocol.js';

/** Options of {@link startShipper}. */
export interface StartShipperOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** The stream of this thread. It is shipped, and so are streams of the folder whose writer is gone. */
  readonly streamId: string;
  readonly endpoint: EndpointConfig;
  /** Get what the shipper measures, about once a second. */
  readonly metrics: MetricSink;
  /** Takes a line for people: what keeps records from being shipped, and that it is over. Default: nobody. */
  readonly say?: (message: string) => void;
  /** How long records gather after a request before the next one takes them, in milliseconds. Default 200. */
  readonly gatherMs?: number;
  /** Pauses between attempts that failed. */
  readonly pauses?: Pauses;
}

/** The shipper of one thread's stream, as that thread sees it. Nothing of it throws, blocks or keeps the process alive. */
export interface ShipperHandle {
  /** Says that a record was appended. Costs a memory access, unless the shipper rests. */
  notify(): void;
  /** How far this machine's clock is behind the receiver's, in milliseconds, to about a second; `undefined` when unknown. */
  readonly clockOffsetMs: number | undefined;
  /**
   * Ends shipping: blocks this thread until the stream's records are acknowledged or can't be, at most `deadlineMs`
   * milliseconds. Meant for the `exit` event, where nothing asynchronous happens any more. What is not acknowledged by
   * then is shipped by whoever adopts the stream.
   */
  stop(deadlineMs: number): void;
}

/**
 * Starts a worker thread that ships the records of a stream. It is not kept from ending by anything the bot does, and
 * loads no preload: neither the command line's nor those of `NODE_OPTIONS`. A worker that fails is started anew.
 *
 * Each thread that has a stream starts its own shipper: a stream then has one shipper, whatever threads come and go.
 */
export function startShipper(options: StartShipperOptions): ShipperHandle {
  return new ShipperThread(options);
}

interface Running {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly slots: Int32Array;
}

class ShipperThread implements ShipperHandle {
  readonly #options: StartShipperOptions;
  readonly #backoff = new Backoff({ firstMs: 1_000, longestMs: 60_000 });
  #running: Running | undefined;
  #stopped = false;
  #failure: string | undefined;
  #clockOffsetMs: number | undefined;

  constructor(options: StartShipperOptions) {
    this.#options = options;
    this.#start();
  }

  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  notify(): void {
    const running = this.#running;
    if (running && Atomics.compareExchange(running.slots, RESTS, 1, 0) === 1) tell(running, { kind: 'ring' });
  }

  stop(deadlineMs: number): void {
    this.#stopped = true;
    const running = this.#running;
    if (!running) return;
    // What is left of the time is for the worker to store how far it got.
    tell(running, { kind: 'stop', deadlineMs: Math.max(0, deadlineMs - Math.min(50, deadlineMs / 10)) });
    Atomics.wait(running.slots, ENDED, 0, deadlineMs);
    for (let received = receiveMessageOnPort(running.port); received; received = receiveMessageOnPort(running.port)) {
      this.#hear(received.message);
    }
  }

  #start(): void {
    try {
      this.#running = this.#spawn();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #spawn(): Running {
    const { directory, streamId, endpoint, gatherMs, pauses } = this.#options;
    const { port1: port, port2 } = new MessageChannel();
    const slots = new Int32Array(new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT));
    const input: WorkerInput = { directory, own: streamId, endpoint, gatherMs, pauses, port: port2, slots };
    const { NODE_OPTIONS: _, ...env } = process.env;
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'botaudit-shipper',
      workerData: input,
      transferList: [port2],
      execArgv: [],
      env,
      // Its output would be led to the bot's, which makes the bot's standard output one that does not block.
      stdout: true,
      stderr: true,
      // It needs a few MiB. Unlimited, V8 would let a busy worker grow by fifty before it tidies up.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    });
    worker.on('error', (error) => this.#failed(error));
    worker.unref();
    port.on('message', (message: FromWorker) => this.#hear(message));
    port.unref();
    return { worker, port, slots };
  }

  #failed(error: Error): void {
    this.#running = undefined;
    if (this.#stopped) return;
    if (error.message !== this.#failure)
      this.#options.say?.(`the shipper failed and is started anew: ${error.message}`);
    this.#failure = error.message;
    setTimeout(() => this.#start(), this.#backoff.next()).unref();
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'say') this.#options.say?.(message.message);
    else {
      this.#clockOffsetMs = message.clockOffsetMs;
      replay(message.changes, this.#options.metrics);
    }
  }
}

function tell({ port }: Running, message: ToWorker): void {
  port.postMessage(message);
}
