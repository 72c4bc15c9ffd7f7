import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSetup } from '@botaudit/indexer';
import { isExecutable } from '../command.ts';
import { type Installed, type Part, type RunningPart, StackError, type Superuser } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { createApiKey } from './elasticsearch-keys.ts';

const CLI = fileURLToPath(new URL('../../../packages/cli/bin/botaudit.js', import.meta.url));

/** Elasticsearch can still be busy with what its set-up made: the first look at it may take a while. */
const READY_TIMEOUT_MS = 60_000;

/** The indexer of `packages/indexer`, run by `botaudit index`. */
export const indexer: Part = {
  name: 'indexer',
  title: 'Indexer',
  cost: 'nothing',
  memory: '150 MB',

  async locate() {
    return (await isExecutable(CLI)) ? { path: CLI, source: 'repository' } : undefined;
  },

  async install() {
    throw new StackError(`${CLI} is missing or may not be executed; it belongs to this repository`);
  },

  async start({ installed, folder, others }): Promise<RunningPart> {
    const elasticsearch = others.get('elasticsearch')?.elasticsearch;
    if (!elasticsearch)
      throw new StackError('The indexer needs Elasticsearch: npm run stack -- elasticsearch indexer …');
    await setUp(elasticsearch);
    const apiKey = await createApiKey(elasticsearch, 'audit-writer');
    const running = await Indexer.start({ installed, folder, elasticsearch: elasticsearch.url, apiKey });
    return {
      addresses: { metrics: new URL(running.metricsUrl).host },
      nextHop: { url: running.url, token: running.token },
      botEnv: {},
      facts: [
        ['endpoint', running.url],
        ['bearer token', running.token],
        ['metrics', running.metricsUrl],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How an indexer is run. */
export interface IndexerOptions {
  readonly installed: Installed;
  /** Folder for its log; exists. */
  readonly folder: string;
  /** Address of Elasticsearch, which is set up. */
  readonly elasticsearch: string;
  /** Key of the role `audit-writer`. */
  readonly apiKey: string;
  /** Further variables. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * An indexer in a process of its own, on loopback, which can be stopped or killed, and started again. It takes records of
 * any service for its one token.
 */
export class Indexer {
  readonly token = randomBytes(32).toString('hex');
  readonly #options: IndexerOptions;
  readonly #ports: readonly number[];
  #service: Service | undefined;

  private constructor(options: IndexerOptions, ports: readonly number[]) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Starts one on free ports, and waits until Elasticsearch takes records from it.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: IndexerOptions): Promise<Indexer> {
    for (let attempt = 1; ; attempt++) {
      const running = new Indexer(options, await freePorts(2));
      try {
        await running.resume();
        return running;
      } catch (error) {
        // Somebody else was faster at a port: take others.
        if (attempt === 3 || !String(error).includes('EADDRINUSE')) throw error;
      }
    }
  }

  /** Where senders post. */
  get url(): string {
    return `http://127.0.0.1:${this.#ports[0]}/v1/audit`;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#ports[1]}/metrics`;
  }

  get log(): string {
    return join(this.#options.folder, 'indexer.log');
  }

  /** The process that runs now. @throws {StackError} when none does. */
  get pid(): number {
    if (!this.#service) throw new StackError('The indexer does not run');
    return this.#service.pid;
  }

  /** Settles when the process has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#service?.kill();
  }

  /**
   * Starts it again after {@link stop} or {@link kill}, on the same ports; waits as {@link start} does.
   *
   * @param readyTimeoutMs how long that may take, in milliseconds. Default: 60,000.
   */
  async resume(readyTimeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const { installed, folder, elasticsearch, apiKey, env } = this.#options;
    const [port, metricsPort] = this.#ports;
    this.#service = await Service.start({
      command: process.execPath,
      args: [installed.path, 'index'],
      cwd: folder,
      env: {
        BOTAUDIT_INDEXER_ELASTICSEARCH_URL: elasticsearch,
        BOTAUDIT_INDEXER_ELASTICSEARCH_API_KEY: apiKey,
        BOTAUDIT_INDEXER_LISTEN: `127.0.0.1:${port}`,
        BOTAUDIT_INDEXER_METRICS: `127.0.0.1:${metricsPort}`,
        BOTAUDIT_INDEXER_TOKENS: `collector=${this.token}`,
        BOTAUDIT_INDEXER_SERVICES: 'collector=*',
        ...env,
      },
      log: this.log,
      ready: async () => (await fetch(new URL('/readyz', this.metricsUrl))).ok,
      readyTimeoutMs,
    });
  }
}

/** What the build of Elasticsearch does not know (lifecycles) is no matter for a stack that is gone tomorrow. */
async function setUp({ url, username, password }: Superuser): Promise<void> {
  const { steps } = await runSetup({
    cwd: '/nonexistent',
    env: {
      BOTAUDIT_INDEXER_ELASTICSEARCH_URL: url,
      BOTAUDIT_INDEXER_SETUP_USERNAME: username,
      BOTAUDIT_INDEXER_SETUP_PASSWORD: password,
      // There is one node.
      BOTAUDIT_INDEXER_REPLICAS: '0',
    },
  });
  const forbidden = steps.find(({ action }) => action === 'forbidden');
  if (forbidden) throw new StackError(`Elasticsearch was not set up: ${forbidden.name}: ${forbidden.details.join()}`);
}
