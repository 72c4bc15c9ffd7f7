import { Worker } from 'node:worker_threads';
import type { PackedLines } from './packed-lines.js';
import { CREDITS, type SegmentBatch, type SegmentTask, type WorkerInput } from './segment-protocol.js';

const YOUNG_MB = 16;

/** What a thread has sent of a segment, and is not taken in yet. */
interface Pending {
  readonly credits: Int32Array;
  readonly batches: SegmentBatch[];
}

/**
 * Threads that read segments side by side. They are handed out in the order in which they are taken in, and a thread that
 * is far ahead waits: so memory does not grow with the journal, nor can all of them wait for each other.
 */
export class SegmentPool {
  readonly #workers: Worker[];
  readonly #tasks: readonly SegmentTask[];
  readonly #pending = new Map<number, Pending>();
  #handedOut = 0;
  #failure: Error | undefined;
  #news = Promise.withResolvers<void>();

  constructor(tasks: readonly SegmentTask[], count: number, chainOnly: boolean) {
    this.#tasks = tasks;
    this.#workers = Array.from({ length: Math.min(count, tasks.length) }, () => this.#start(chainOnly));
  }

  /**
   * The lines of a segment, some at a time, in order. Take in the segments in the order in which they were given.
   *
   * @throws what a thread that failed threw.
   */
  async *lines({ id }: SegmentTask): AsyncGenerator<PackedLines, void, undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const pending = this.#pending.get(id);
      const batch = pending?.batches.shift();
      if (!pending || !batch) {
        await this.#news.promise;
        continue;
      }
      yield batch.lines;
      Atomics.add(pending.credits, 0, 1);
      Atomics.notify(pending.credits, 0);
      if (batch.isLast) break;
    }
    this.#pending.delete(id);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(chainOnly: boolean): Worker {
    const credits = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const available = new Int32Array(credits).fill(CREDITS);
    const worker = new Worker(new URL('./segment-worker.js', import.meta.url), {
      workerData: { chainOnly, credits } satisfies WorkerInput,
      // Whatever this process was started with is for it alone.
      execArgv: [],
      // What it makes of a line is garbage a moment later: more room for that costs memory and saves little time.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', (batch: SegmentBatch) => {
      this.#pending.get(batch.task)?.batches.push(batch);
      if (batch.isLast) this.#handOut(worker, available);
      this.#tell();
    });
    worker.on('error', (error) => {
      this.#failure = error;
      this.#tell();
    });
    this.#handOut(worker, available);
    return worker;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #handOut(worker: Worker, credits: Int32Array): void {
    const task = this.#tasks[this.#handedOut++];
    if (!task) return;
    this.#pending.set(task.id, { credits, batches: [] });
    worker.postMessage(task);
  }
}
