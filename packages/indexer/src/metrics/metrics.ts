import { type AuditRecord, eventDefinition } from '@botaudit/record';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type ElasticsearchError,
  INDEXER_METRICS,
  type IndexerMetricDefinition,
  type IndexerMetricName,
  type KafkaError,
  type KafkaMessageResult,
  type RecordResult,
  type Refusal,
} from './table.js';

/** At most this many label sets a metric, so that what records hold can't grow memory or the Prometheus server. */
const MAX_LABEL_SETS = 500;
const OTHER = 'other';

type Labels = Readonly<Record<string, string>>;

/** A counter with its labels already looked up. */
export interface Count {
  inc(n?: number): void;
}

/** A counter whose label sets are bounded. */
class BoundedCounter {
  readonly #counter: Counter;
  readonly #known = new Map<string, Counter.Internal>();

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  with(labels: Labels): Count {
    const key = Object.values(labels).join('\u001f');
    const known = this.#known.get(key);
    if (known) return known;
    const bounded = this.#known.size < MAX_LABEL_SETS ? labels : mapped(labels, () => OTHER);
    const child = this.#counter.labels(bounded);
    // Past the bound the key is not kept, or the map would be what grows.
    if (bounded === labels) this.#known.set(key, child);
    return child;
  }
}

function mapped(labels: Labels, value: (name: string) => string): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, value(name)]));
}

/** What the gauges show, asked for when they are read. */
export interface Waiting {
  readonly pendingRecords: number;
  readonly pendingBytes: number;
}

/** The metrics of one indexer, in a registry of its own. */
export class IndexerMetrics {
  readonly registry = new Registry();
  readonly #counters = new Map<IndexerMetricName, BoundedCounter>();
  readonly #gauges = new Map<IndexerMetricName, Gauge>();
  readonly #histograms = new Map<IndexerMetricName, Histogram>();
  readonly #results: Record<RecordResult, number> = { stored: 0, known: 0, rejected: 0 };
  readonly #resultCounts: Readonly<Record<RecordResult, Count>>;
  /** Milliseconds since the epoch; 0: never. */
  #lastStored = 0;
  /** Set by whoever holds what waits. */
  waiting: (() => Waiting) | undefined;

  constructor() {
    for (const name of Object.keys(INDEXER_METRICS) as IndexerMetricName[]) this.#register(name);
    // Looked up once: they are counted for each record.
    const count = (result: RecordResult) => this.#counter('audit_indexer_records_total').with({ result });
    this.#resultCounts = { stored: count('stored'), known: count('known'), rejected: count('rejected') };
  }

  /** The counter for a record's event; attempts have none. */
  event({ eventName, attributes }: AuditRecord): Count | undefined {
    if (attributes['bot.action.stage'] === 'attempt') return undefined;
    const text = (name: string) => {
      const value = attributes[name];
      return typeof value === 'string' ? value.slice(0, 100) : '';
    };
    return this.#counter('audit_indexer_events_total').with({
      bot_id: text('bot.id'),
      event: eventDefinition(eventName) ? eventName : OTHER,
      action: text('audit.action'),
      outcome: text('audit.outcome'),
    });
  }

  /** Records that have their place, by what became of them. */
  get results(): Readonly<Record<RecordResult, number>> {
    return { ...this.#results };
  }

  record(result: RecordResult, n = 1): void {
    this.#results[result] += n;
    this.#resultCounts[result].inc(n);
    if (result === 'stored') this.#lastStored = Date.now();
  }

  answered(status: number): void {
    this.#counter('audit_indexer_requests_total')
      .with({ status: String(status) })
      .inc();
  }

  refused(reason: Refusal): void {
    this.#counter('audit_indexer_requests_refused_total').with({ reason }).inc();
  }

  elasticsearchFailed(reason: ElasticsearchError): void {
    this.#counter('audit_indexer_elasticsearch_errors_total').with({ reason }).inc();
    this.#gauges.get('audit_indexer_elasticsearch_up')?.set(0);
  }

  bulkDone(seconds: number): void {
    this.#histograms.get('audit_indexer_bulk_duration_seconds')?.observe(seconds);
  }

  elasticsearchWorks(): void {
    this.#gauges.get('audit_indexer_elasticsearch_up')?.set(1);
  }

  delay(seconds: number): void {
    this.#histograms.get('audit_indexer_delay_seconds')?.observe(seconds);
  }

  principalMismatch(principal: string, n: number): void {
    this.#counter('audit_indexer_principal_mismatches_total').with({ principal }).inc(n);
  }

  kafkaMessage(result: KafkaMessageResult): void {
    this.#counter('audit_indexer_kafka_messages_total').with({ result }).inc();
  }

  kafkaFailed(reason: KafkaError): void {
    this.#counter('audit_indexer_kafka_errors_total').with({ reason }).inc();
    this.#gauges.get('audit_indexer_kafka_up')?.set(0);
  }

  kafkaWorks(): void {
    this.#gauges.get('audit_indexer_kafka_up')?.set(1);
  }

  kafkaReset(): void {
    this.#counter('audit_indexer_kafka_offset_resets_total').with({}).inc();
  }

  kafkaAssigned(partitions: number): void {
    this.#gauges.get('audit_indexer_kafka_partitions')?.set(partitions);
    if (partitions === 0) this.kafkaLag(0);
  }

  kafkaLag(messages: number): void {
    this.#gauges.get('audit_indexer_kafka_lag_messages')?.set(messages);
  }

  /** All of them, in Prometheus' text format. */
  async text(): Promise<string> {
    if (this.#lastStored > 0) {
      this.#gauges.get('audit_indexer_last_stored_timestamp_seconds')?.set(this.#lastStored / 1000);
    }
    const { pendingRecords = 0, pendingBytes = 0 } = this.waiting?.() ?? {};
    this.#gauges.get('audit_indexer_pending_records')?.set(pendingRecords);
    this.#gauges.get('audit_indexer_pending_bytes')?.set(pendingBytes);
    return this.registry.metrics();
  }

  #counter(name: IndexerMetricName): BoundedCounter {
    const counter = this.#counters.get(name);
    if (!counter) throw new Error(`no counter ${name}`);
    return counter;
  }

  #register(name: IndexerMetricName): void {
    const { type, help, labels, buckets, initial = [] }: IndexerMetricDefinition = INDEXER_METRICS[name];
    const options = { name, help, labelNames: labels, registers: [this.registry] };
    if (type === 'counter') {
      const counter = new BoundedCounter(new Counter(options));
      this.#counters.set(name, counter);
      for (const series of initial) counter.with(series).inc(0);
    } else if (type === 'gauge') this.#gauges.set(name, new Gauge(options));
    else this.#histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
  }
}
