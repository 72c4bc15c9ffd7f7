import { Worker } from 'node:worker_threads';

/** Nothing is in a hurry, and the moment in which a segment was finished is a busy one. */
const DELAY_MS = 1000;

/** What the thread that compresses is started with. */
export interface CompressorInput {
  /** The journal's folder. */
  readonly directory: string;
  /** The stream that this process writes. */
  readonly own: string;
  readonly groupRead: boolean;
}

/** Has finished segments compressed, in a thread that is there only while there is something to compress. */
export class Compressor {
  readonly #input: CompressorInput;
  #isRequested = false;
  #isRunning = false;

  constructor(input: CompressorInput) {
    this.#input = input;
  }

  /** A segment is finished. */
  request(): void {
    this.#isRequested = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isRunning || !this.#isRequested) return;
    this.#isRunning = true;
    setTimeout(() => this.#start(), DELAY_MS).unref();
  }

  #start(): void {
    this.#isRequested = false;
    try {
      const { NODE_OPTIONS: _, ...env } = process.env;
      const worker = new Worker(new URL('./compress-worker.js', import.meta.url), {
        name: 'botaudit-compress',
        workerData: this.#input,
        execArgv: [],
        env,
        // Its output would be led to the bot's, which makes the bot's standard output one that does not block.
        stdout: true,
        stderr: true,
        resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 },
      });
      worker.unref();
      // What failed stays as it was, and is found again with the next segment.
      worker.on('error', () => {});
      worker.on('exit', () => this.#ended());
    } catch {
      // No thread can be started: segments stay as they are.
      this.#isRunning = false;
    }
  }

  #ended(): void {
    this.#isRunning = false;
    this.#schedule();
  }
}
