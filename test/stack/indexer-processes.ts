import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { Indexer, type IndexerOptions, indexer } from '../../scripts/stack/parts/indexer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installed } from './installed.ts';

/** An indexer in a process of its own that receives nothing: where it reads from is said by its variables. */
export class IndexerProcess {
  readonly #indexer: Indexer;

  private constructor(running: Indexer) {
    this.#indexer = running;
  }

  /** Starts one, which is stopped when the test has ended, and waits until it can read and store records. */
  static async start({ env, ...options }: Omit<IndexerOptions, 'installed' | 'folder'>): Promise<IndexerProcess> {
    const folder = await temporaryFolder();
    const running = await Indexer.start({
      ...options,
      installed: await installed(indexer),
      folder,
      env: { BOTAUDIT_INDEXER_LISTEN: 'off', ...env },
    });
    onTestFinished(() => running.stop());
    return new IndexerProcess(running);
  }

  /** Settles when the process has ended, with how. */
  get ended(): Promise<string> {
    return this.#indexer.ended;
  }

  /** All that it said. */
  async said(): Promise<string> {
    return readFile(this.#indexer.log, 'utf8');
  }

  /** The value of one series, written as Prometheus has it; `undefined` when there is none. */
  async metric(series: string): Promise<number | undefined> {
    const text = await (await fetch(this.#indexer.metricsUrl)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async stop(): Promise<void> {
    await this.#indexer.stop();
  }

  async kill(): Promise<void> {
    await this.#indexer.kill();
  }
}
