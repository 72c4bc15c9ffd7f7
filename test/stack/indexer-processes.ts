import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePorts, Service } from '../../scripts/stack/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const CLI = fileURLToPath(new URL('../../packages/cli/bin/botaudit.js', import.meta.url));

/** A machine that is busy takes its time. */
const READY_TIMEOUT_MS = 60_000;

/** An indexer in a process of its own that receives nothing: where it reads from is said by its variables. */
export class IndexerProcess {
  readonly #service: Service;
  readonly #metricsUrl: string;
  readonly #log: string;

  private constructor(service: Service, metricsUrl: string, log: string) {
    this.#service = service;
    this.#metricsUrl = metricsUrl;
    this.#log = log;
  }

  /** Starts one, which is stopped when the test has ended, and waits until it can read and store records. */
  static async start(env: Readonly<Record<string, string>>): Promise<IndexerProcess> {
    const folder = await temporaryFolder();
    const [port] = await freePorts(1);
    const admin = `http://127.0.0.1:${port}`;
    const log = join(folder, 'indexer.log');
    const service = await Service.start({
      command: process.execPath,
      args: [CLI, 'index'],
      cwd: folder,
      env: { BOTAUDIT_INDEXER_LISTEN: 'off', BOTAUDIT_INDEXER_METRICS: new URL(admin).host, ...env },
      log,
      ready: async () => (await fetch(`${admin}/readyz`)).ok,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    onTestFinished(() => service.stop());
    return new IndexerProcess(service, `${admin}/metrics`, log);
  }

  /** Settles when the process has ended, with how. */
  get ended(): Promise<string> {
    return this.#service.ended;
  }

  /** All that it said. */
  async said(): Promise<string> {
    return readFile(this.#log, 'utf8');
  }

  /** The value of one series, written as Prometheus has it; `undefined` when there is none. */
  async metric(series: string): Promise<number | undefined> {
    const text = await (await fetch(this.#metricsUrl)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async stop(): Promise<void> {
    await this.#service.stop();
  }

  async kill(): Promise<void> {
    await this.#service.kill();
  }
}
