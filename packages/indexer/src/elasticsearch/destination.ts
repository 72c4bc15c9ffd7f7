import { canonicalRecord, recordFromDocument } from '@botaudit/record';
import { type Rejection, rejectedDocument } from '../document/rejected.js';
import { streamNames } from '../document/streams.js';
import { Lines } from '../lines.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { IndexerMetrics } from '../metrics/metrics.js';
import type { ElasticsearchError } from '../metrics/table.js';
import type { Cluster } from './cluster.js';
import { Delivery, type Entry, NotStoredError } from './delivery.js';
import { Lane, type LaneLimits, type LaneListener } from './lane.js';

/** What an entry takes beside its bytes. */
const ENTRY_BYTES = 250;

/** What a {@link Destination} needs around it. */
export interface DestinationContext {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly limits: LaneLimits;
  readonly budget: MemoryBudget;
  readonly metrics: IndexerMetrics;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
}

/** Where records end: the data stream of records, or, for what that refuses for good, the one of rejected records. */
export class Destination {
  readonly #context: DestinationContext;
  readonly #records: Lane;
  readonly #rejected: Lane;
  #trouble: ElasticsearchError | undefined;

  constructor(context: DestinationContext) {
    this.#context = context;
    const { cluster, namespace, limits } = context;
    const streams = streamNames(namespace);
    this.#records = new Lane(cluster, streams.records, limits, this.#listener());
    this.#rejected = new Lane(cluster, streams.rejected, { ...limits, concurrency: 1 }, this.#rejectedListener());
  }

  /** Begins to look whether Elasticsearch is there, and set up. */
  start(): void {
    this.#records.check();
    this.#rejected.check();
  }

  /** Whether Elasticsearch takes records. */
  get works(): boolean {
    return this.#records.works && this.#rejected.works;
  }

  /** How many records have no place yet. */
  get outstanding(): number {
    return this.#records.outstanding;
  }

  /** Takes records on. */
  store(lines: Lines, principal: string): Delivery {
    const delivery = this.#delivery(lines, principal);
    this.#records.submit(delivery);
    return delivery;
  }

  /** Takes on what can't be stored as a record. */
  reject(rejections: readonly Rejection[], principal: string): Delivery {
    const lines = new Lines();
    const at = new Date();
    for (const rejection of rejections) {
      const { id, document } = rejectedDocument(rejection, at);
      lines.add(id, document);
    }
    const delivery = this.#delivery(lines, principal);
    this.#rejected.submit(delivery);
    return delivery;
  }

  /** Gives up all that has no place yet: senders keep it. */
  stop(): void {
    this.#records.stop();
    this.#rejected.stop();
  }

  #delivery(lines: Lines, principal: string): Delivery {
    const { budget } = this.#context;
    const bytes = lines.finish();
    const taken = bytes.length + lines.entries.length * ENTRY_BYTES;
    budget.add(taken);
    return new Delivery(bytes, lines.entries, principal, () => budget.give(taken));
  }

  #listener(): LaneListener {
    const { metrics, namespace } = this.#context;
    return {
      ...this.#observer(),
      stored: ({ event, observedMs }) => {
        metrics.record('stored');
        event?.inc();
        if (observedMs !== undefined) metrics.delay(Math.max(0, Date.now() - observedMs) / 1000);
      },
      known: () => metrics.record('known'),
      refused: async (entry, delivery, { type, reason }) => {
        const rejection = { type, reason, principal: delivery.principal, namespace, ...contentOf(entry, delivery) };
        await this.reject([rejection], delivery.principal).done;
      },
    };
  }

  #rejectedListener(): LaneListener {
    const { metrics } = this.#context;
    return {
      ...this.#observer(),
      stored: () => metrics.record('rejected'),
      known: () => metrics.record('rejected'),
      refused: async (_entry, _delivery, { type, reason }) => {
        throw new NotStoredError('timeout', `not even a rejected record can be stored: ${type}: ${reason}`);
      },
    };
  }

  #observer(): Pick<LaneListener, 'failed' | 'works' | 'answered'> {
    const { metrics, say } = this.#context;
    return {
      answered: (seconds) => metrics.bulkDone(seconds),
      failed: (error, reason) => {
        metrics.elasticsearchFailed(error);
        if (this.#trouble === error) return;
        this.#trouble = error;
        say(`Elasticsearch does not take records, which is tried again: ${reason}`);
      },
      works: () => {
        metrics.elasticsearchWorks();
        if (this.#trouble === undefined) return;
        this.#trouble = undefined;
        say('Elasticsearch takes records again');
      },
    };
  }
}

type Content = Pick<Rejection, 'original' | 'eventName' | 'recordId' | 'service'>;

/** The record that a document was made of, for its rejected copy. */
function contentOf({ documentStart, end }: Entry, { bytes }: Delivery): Content {
  const source = JSON.parse(bytes.toString('utf8', documentStart, end)) as {
    readonly resource: { readonly attributes: { readonly 'service.name'?: unknown } };
  };
  const record = recordFromDocument(source);
  const service = source.resource.attributes['service.name'];
  const recordId = record.attributes['audit.record.id'];
  return {
    original: canonicalRecord(record),
    eventName: record.eventName,
    recordId: typeof recordId === 'string' ? recordId : undefined,
    service: typeof service === 'string' ? service : undefined,
  };
}
