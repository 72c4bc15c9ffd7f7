import { setTimeout as wait } from 'node:timers/promises';
import { Backoff } from '../backoff.js';
import type { Intake } from '../intake.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { IndexerMetrics } from '../metrics/metrics.js';
import type { Source } from '../source.js';
import { type KafkaClient, loadClient } from './client.js';
import { KafkaHealth } from './health.js';
import { Inbox } from './inbox.js';
import type { KafkaOptions } from './options.js';
import { problemOf } from './problem.js';
import { Session } from './session.js';

/** What a {@link KafkaSource} needs around it. */
export interface KafkaSourceContext {
  readonly intake: Intake;
  readonly budget: MemoryBudget;
  readonly metrics: IndexerMetrics;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
}

/** After so long a membership, an end is no sign that the next one will fail at once. */
const LASTING_MS = 60_000;

/**
 * Reads records from a topic, as a member of a consumer group. The group is told of a message when Elasticsearch has all
 * of it: what it was not told is read again, by whoever has the partition then, and is stored once under its hash.
 */
export class KafkaSource implements Source {
  readonly #options: KafkaOptions;
  readonly #context: KafkaSourceContext;
  readonly #health: KafkaHealth;
  readonly #inbox: Inbox;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: KafkaOptions, context: KafkaSourceContext) {
    const { intake, metrics, say } = context;
    this.#options = options;
    this.#context = context;
    this.#health = new KafkaHealth(metrics, say);
    this.#inbox = new Inbox(intake, metrics, options);
  }

  get works(): boolean {
    return this.#health.works;
  }

  /**
   * Begins to read. That no broker is there is no error: it is waited for.
   *
   * @throws {KafkaUnusableError} when the client can't run here.
   */
  async start(): Promise<void> {
    this.#running = this.#run(await loadClient());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#session?.stop();
    await this.#running;
  }

  abort(): void {
    this.#stopping.abort();
    this.#session?.abort();
  }

  async #run(kafka: KafkaClient): Promise<void> {
    const { signal } = this.#stopping;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const began = performance.now();
      try {
        this.#session = this.#newSession(kafka);
        await this.#session.run();
      } catch (error) {
        if (signal.aborted) break;
        const { kind, reason } = problemOf(error as Error);
        this.#health.failed('join', { kind: kind === 'unexpected' ? 'membership' : kind, reason });
        if (performance.now() - began > LASTING_MS) backoff.succeeded();
        await wait(backoff.failed(), undefined, { signal }).catch(() => {}); // Told to stop: no more waiting.
      }
    }
  }

  #newSession(kafka: KafkaClient): Session {
    const { budget, metrics, say } = this.#context;
    return new Session(kafka, this.#options, { inbox: this.#inbox, health: this.#health, budget, metrics, say });
  }
}
