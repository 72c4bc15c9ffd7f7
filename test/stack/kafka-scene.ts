import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditRecord } from '@botaudit/record';
import { onTestFinished } from 'vitest';
import { jsonRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import type { Collector } from '../../scripts/stack/parts/collector.ts';
import type { Kafka } from '../../scripts/stack/parts/kafka.ts';
import { eventually } from '../support/eventually.ts';
import { administer, createTopic, type SharedKafka, startSharedKafka, stopKafka } from './brokers.ts';
import { startCollector } from './collectors.ts';
import {
  type Hit,
  type SharedElasticsearch,
  startElasticsearch,
  stopElasticsearch,
  Visitor,
} from './elasticsearches.ts';
import { IndexerProcess } from './indexer-processes.ts';
import { idOf, setUp } from './indexers.ts';
import { bearer, post } from './sending.ts';

/** Some hundred records a second: the machine has something else to do as well. */
const REQUEST_INTERVAL_MS = 15;

/** Documents that one search may return. */
const SEARCH_SIZE = 10_000;

/** What the tests of a file share: a broker, and an Elasticsearch that is set up. */
export class KafkaScene {
  readonly #kafka: SharedKafka;
  readonly elasticsearch: SharedElasticsearch;
  readonly #auditor: Visitor;
  readonly #writerKey: string;

  private constructor(kafka: SharedKafka, elasticsearch: SharedElasticsearch, auditor: Visitor, writerKey: string) {
    this.#kafka = kafka;
    this.elasticsearch = elasticsearch;
    this.#auditor = auditor;
    this.#writerKey = writerKey;
  }

  /** Starts both; {@link close} stops them. */
  static async open(): Promise<KafkaScene> {
    const kafka = await startSharedKafka();
    const elasticsearch = await startElasticsearch().catch(async (error: unknown) => {
      await stopKafka(kafka);
      throw error;
    });
    const { node } = elasticsearch;
    await setUp(node);
    const { visitor } = await Visitor.withRole(node, 'audit-auditor');
    const { apiKey } = await Visitor.withRole(node, 'audit-writer');
    return new KafkaScene(kafka, elasticsearch, visitor, apiKey);
  }

  async close(): Promise<void> {
    await Promise.all([stopKafka(this.#kafka), stopElasticsearch(this.elasticsearch)]);
  }

  get broker(): Kafka {
    return this.#kafka.broker;
  }

  /** A topic of its own for a test. */
  async topic(partitions: number): Promise<string> {
    const topic = `audit-${randomUUID()}`;
    await createTopic(this.broker, topic, partitions);
    return topic;
  }

  /** What an indexer needs to read a topic, and to write. */
  indexerEnv(topic: string): Record<string, string> {
    const { address, username, password } = this.broker;
    return {
      BOTAUDIT_INDEXER_ELASTICSEARCH_URL: this.elasticsearch.node.url,
      BOTAUDIT_INDEXER_ELASTICSEARCH_API_KEY: this.#writerKey,
      BOTAUDIT_INDEXER_KAFKA_BROKERS: address,
      BOTAUDIT_INDEXER_KAFKA_TOPIC: topic,
      BOTAUDIT_INDEXER_KAFKA_MECHANISM: 'PLAIN',
      BOTAUDIT_INDEXER_KAFKA_USERNAME: username,
      BOTAUDIT_INDEXER_KAFKA_PASSWORD: password,
      BOTAUDIT_INDEXER_KAFKA_SESSION_TIMEOUT_MS: '6000',
    };
  }

  /** What an indexer needs to read over TLS, with a certificate and SCRAM. */
  get indexerTlsEnv(): Record<string, string> {
    return {
      BOTAUDIT_INDEXER_KAFKA_BROKERS: this.broker.tlsAddress,
      BOTAUDIT_INDEXER_KAFKA_MECHANISM: 'SCRAM-SHA-512',
      BOTAUDIT_INDEXER_KAFKA_TLS: 'true',
      BOTAUDIT_INDEXER_KAFKA_CERTIFICATE: this.#certificate('ca'),
      BOTAUDIT_INDEXER_KAFKA_CLIENT_CERTIFICATE: this.#certificate('client'),
      BOTAUDIT_INDEXER_KAFKA_CLIENT_KEY: this.#certificate('client-key'),
    };
  }

  /** What a collector needs to send over TLS, with a certificate and SCRAM. */
  get collectorTlsEnv(): Record<string, string> {
    return {
      AUDIT_KAFKA_BROKERS: this.broker.tlsAddress,
      AUDIT_KAFKA_MECHANISM: 'SCRAM-SHA-512',
      AUDIT_KAFKA_PLAINTEXT: 'false',
      AUDIT_KAFKA_CA_FILE: this.#certificate('ca'),
      AUDIT_KAFKA_CERT_FILE: this.#certificate('client'),
      AUDIT_KAFKA_KEY_FILE: this.#certificate('client-key'),
    };
  }

  #certificate(name: string): string {
    return join(this.#kafka.folder, `${name}.pem`);
  }

  /** Starts an indexer that reads a topic as a member of the group. */
  async indexer(topic: string, env: Readonly<Record<string, string>> = {}): Promise<IndexerProcess> {
    return IndexerProcess.start({
      elasticsearch: this.elasticsearch.node.url,
      apiKey: this.#writerKey,
      env: { ...this.indexerEnv(topic), ...env },
    });
  }

  /** Starts a collector that sends on to a topic. */
  async collector(
    topic: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly collector: Collector; readonly token: string }> {
    const { address, username, password } = this.broker;
    return startCollector({
      overlays: ['kafka'],
      env: {
        AUDIT_KAFKA_BROKERS: address,
        AUDIT_KAFKA_USERNAME: username,
        AUDIT_KAFKA_PASSWORD: password,
        AUDIT_KAFKA_MECHANISM: 'PLAIN',
        AUDIT_KAFKA_PLAINTEXT: 'true',
        AUDIT_KAFKA_TOPIC: topic,
        ...env,
      },
    });
  }

  /** The documents of records, in the stream of records or another one. */
  async find(records: readonly AuditRecord[], stream = 'logs-audit.otel-default'): Promise<Hit[]> {
    const found: Hit[] = [];
    for (let from = 0; from < records.length; from += SEARCH_SIZE) {
      const values = records.slice(from, from + SEARCH_SIZE).map(idOf);
      found.push(...(await this.#auditor.search(stream, { ids: { values } })));
    }
    return found;
  }

  /** All documents of a stream that are found by a query. */
  async search(stream: string, query: object): Promise<Hit[]> {
    return this.#auditor.search(stream, query);
  }

  /** Waits until each record has its document. */
  async allStored(records: readonly AuditRecord[], stream?: string): Promise<Hit[]> {
    return eventually(
      `${records.length} records in Elasticsearch`,
      async () => {
        const found = await this.find(records, stream);
        return found.length === records.length ? found : undefined;
      },
      120_000,
    );
  }

  /** Up to where the group has come in each partition, added up. */
  async committed(group: string, topic: string): Promise<number> {
    const [of] = await administer(this.broker, (admin) => admin.listConsumerGroupOffsets({ groups: [group] }));
    const partitions = of?.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return partitions.reduce((sum, { committedOffset }) => sum + Math.max(0, Number(committedOffset)), 0);
  }
}

/** A service that sends records to a collector, one request after the other, until it is stopped. */
export class Flow {
  /** Records that the collector has accepted. */
  readonly accepted: AuditRecord[] = [];
  #isStopped = false;
  readonly #done: Promise<void>;

  constructor(collector: Collector, token: string, recordsPerRequest: number) {
    this.#done = this.#run(collector.url, token, recordsPerRequest);
    onTestFinished(() => this.stop());
  }

  /** Waits until `count` more were accepted. */
  async goesOn(count: number): Promise<void> {
    const before = this.accepted.length;
    await eventually(`${count} more records`, () => this.accepted.length >= before + count || undefined);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #run(url: string, token: string, recordsPerRequest: number): Promise<void> {
    while (!this.#isStopped) {
      const records = Array.from({ length: recordsPerRequest }, () => auditRecord());
      const logs = jsonRequest(records, { 'service.name': 'payments' });
      if ((await post(url, logs, bearer(token))) === 200) this.accepted.push(...records);
      await wait(REQUEST_INTERVAL_MS);
    }
  }
}
