import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ATTR_AUDIT_RECORD_ID } from '@botaudit/record';
import { shipDirectory } from '@botaudit/sdk';
import { run } from '../../../scripts/stack/command.ts';
import { Collector, collector } from '../../../scripts/stack/parts/collector.ts';
import { Indexer, indexer } from '../../../scripts/stack/parts/indexer.ts';
import { LoadedProcess } from '../../faults/child.ts';
import { eventually } from '../../support/eventually.ts';
import { readJournal } from '../../support/journal.ts';
import { idOf } from '../indexers.ts';
import { installed } from '../installed.ts';
import { type Balance, countOf, Holdings, type Sent } from './balance.ts';
import { addComponent } from './table.ts';
import type { Target } from './target.ts';

/** A collector waits half a minute and more before it tries again, and a machine under load takes its time. */
const ARRIVAL_TIMEOUT_MS = 180_000;

const COLLECTOR_TOKEN = 'token-of-the-bot';

/** How a {@link Pipeline} is run. */
export interface PipelineOptions {
  readonly target: Target;
  /** The data streams that its records go to; no other pipeline writes there. */
  readonly namespace: string;
  /** Without a collector the bot ships to the indexer itself. Default: there is one. */
  readonly hasCollector?: boolean;
  /** How long the bot rests between bursts of 40 records, in milliseconds. Default: there is no bot. */
  readonly pauseMs?: number;
  /** Further variables of the indexer. */
  readonly indexerEnv?: Readonly<Record<string, string>>;
}

/** A bot, its journal, a collector with a queue on disk, an indexer: each in a process of its own. */
export class Pipeline {
  readonly indexer: Indexer;
  readonly #collector: Collector | undefined;
  readonly #options: PipelineOptions;
  readonly #folder: string;
  readonly #bots: LoadedProcess[] = [];

  private constructor(options: PipelineOptions, folder: string, into: Indexer, collector: Collector | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.indexer = into;
    this.#collector = collector;
  }

  /** Starts all of it; resolves when records of the bot, if there is one, reach Elasticsearch. */
  static async start(options: PipelineOptions): Promise<Pipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
    const own = async (name: string) => {
      const path = join(folder, name);
      await mkdir(path);
      return path;
    };
    const { target, namespace, hasCollector = true, indexerEnv } = options;
    if (hasCollector) {
      const said = await run((await installed(collector)).path, ['--version']);
      await addComponent('OpenTelemetry Collector', said.trim().split(' ').at(-1) ?? said);
    }
    const into = await Indexer.start({
      installed: await installed(indexer),
      folder: await own('indexer'),
      elasticsearch: target.node.url,
      apiKey: target.apiKey,
      env: { BOTAUDIT_INDEXER_NAMESPACE: namespace, ...target.env, ...indexerEnv },
    });
    const collecting = hasCollector
      ? await Collector.start({
          installed: await installed(collector),
          folder: await own('collector'),
          token: COLLECTOR_TOKEN,
          overlays: ['forward'],
          env: { AUDIT_FORWARD_URL: into.url, AUDIT_FORWARD_TOKEN: into.token },
        })
      : undefined;
    const pipeline = new Pipeline(options, folder, into, collecting);
    if (options.pauseMs !== undefined) {
      pipeline.startBot();
      await pipeline.flows();
    }
    return pipeline;
  }

  /** @throws when there is none. */
  get collector(): Collector {
    if (!this.#collector) throw new Error('this pipeline has no collector');
    return this.#collector;
  }

  /** The bot that runs, or ran last. */
  get bot(): LoadedProcess {
    const bot = this.#bots.at(-1);
    if (!bot) throw new Error('there has been no bot');
    return bot;
  }

  /** Where a bot sends, and the token that it shows. */
  get endpoint(): { readonly url: string; readonly token: string } {
    return this.#collector ? { url: this.#collector.url, token: COLLECTOR_TOKEN } : this.indexer;
  }

  /** Starts a bot, one more where one runs, on the same journal. */
  startBot(pauseMs = this.#options.pauseMs): void {
    const env = {
      BOTAUDIT_DIR: this.#journal,
      BOTAUDIT_METRICS: 'off',
      BOTAUDIT_MAX_BYTES: '64 GiB',
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: this.endpoint.url,
      OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${this.endpoint.token}`,
      ...(pauseMs !== undefined && { LOAD_PAUSE_MS: String(pauseMs) }),
    };
    this.#bots.push(new LoadedProcess(env, this.#folder));
  }

  /** Waits until more records are in Elasticsearch than when this was called. */
  async flows(): Promise<void> {
    const { node } = this.#options.target;
    const count = () => countOf(node, this.#options.namespace).catch(() => undefined);
    const before = await eventually('an answer of Elasticsearch', count, ARRIVAL_TIMEOUT_MS);
    await eventually(
      'more records in Elasticsearch',
      async () => {
        if (!this.bot.isRunning) throw new Error(`the bot has ended: ${this.bot.stderr}`);
        return ((await count()) ?? 0) > before || undefined;
      },
      ARRIVAL_TIMEOUT_MS,
    );
  }

  /**
   * Ends the bots, ships what is left, waits until Elasticsearch has everything, and compares.
   *
   * @param since beginnings of spans of time, in milliseconds since the epoch, in order.
   * @returns a balance for each span, of the records that were made in it.
   * @throws when something stands in Elasticsearch that no bot has written, or differs from what it wrote.
   */
  async settle(since: readonly number[]): Promise<Balance[]> {
    for (const bot of this.#bots) await bot.end('SIGTERM');
    const { url, token } = this.endpoint;
    await shipDirectory({
      directory: this.#journal,
      endpoint: { url, headers: { authorization: `Bearer ${token}` } },
      mode: 'once',
      signal: AbortSignal.timeout(ARRIVAL_TIMEOUT_MS),
    });
    const spans = await this.#spansOf(since);
    const all: Sent = new Map(spans.flatMap((span) => [...span]));
    const { node } = this.#options.target;
    const { namespace } = this.#options;
    await eventually(
      `${all.size} records in Elasticsearch`,
      async () => (await countOf(node, namespace)) >= all.size || undefined,
      ARRIVAL_TIMEOUT_MS,
    ).catch(() => undefined); // What is missing is named below.
    const holdings = await Holdings.of(node, namespace);
    const strange = [...holdings.changed, ...holdings.besides(all)];
    if (strange.length > 0) throw new Error(`not as it was written: ${strange.slice(0, 10).join()}`);
    return spans.map((span) => holdings.balance(span));
  }

  async stop(): Promise<void> {
    for (const bot of this.#bots) await bot.end('SIGKILL');
    await this.#collector?.kill();
    await this.indexer.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #journal(): string {
    return join(this.#folder, 'journal');
  }

  /** The records of the journal by the span that they were made in; what was before the first span belongs to that. */
  async #spansOf(since: readonly number[]): Promise<Sent[]> {
    const spans = since.map(() => new Map<string, string>());
    const records = (await readJournal(this.#journal)).flatMap((stream) => [...stream.records, ...stream.checkpoints]);
    for (const record of records) {
      const at = Number(record.observedTimestamp) / 1e6;
      const index = since.findLastIndex((start) => start <= at);
      spans[Math.max(0, index)]?.set(idOf(record), String(record.attributes[ATTR_AUDIT_RECORD_ID]));
    }
    const whole = new Set(spans.flatMap((span) => [...span.values()]));
    for (const id of this.#bots.flatMap(({ written }) => written)) {
      // It has no hash that could be found: so it counts as lost.
      if (!whole.has(id)) spans.at(-1)?.set(`not in the journal: ${id}`, id);
    }
    return spans;
  }
}
