import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AdminServer } from './admin.js';
import { listenAs, withClient, withTlsFiles } from './config/at-its-place.js';
import type { IndexerConfig } from './config/load-config.js';
import { Cluster } from './elasticsearch/cluster.js';
import { Destination } from './elasticsearch/destination.js';
import { Intake } from './intake.js';
import { KafkaSource } from './kafka/kafka-source.js';
import { MemoryBudget } from './memory-budget.js';
import { IndexerMetrics } from './metrics/metrics.js';
import { Principals, PrincipalsError } from './receiver/principals.js';
import { Receiver } from './receiver/receiver.js';
import type { Source } from './source.js';

/** An indexer that runs. */
export interface RunningIndexer {
  /** Where records are received; `undefined` when they are not. */
  readonly url: string | undefined;
  /** Where `/metrics`, `/healthz` and `/readyz` are; `undefined` when they are not served. */
  readonly adminUrl: string | undefined;
  /** Takes no more requests, waits for what is under way as long as is configured, and leaves the rest to its senders. */
  stop(): Promise<void>;
}

/** After what is under way was given up, its senders still have to hear of it. */
const ANSWER_MS = 1_000;

/**
 * Starts an indexer.
 *
 * @param say takes a line for people.
 * @throws {PrincipalsError} when nobody could send records, or a token is of no use.
 * @throws {ConfigError} when a file of TLS can't be used, an address can't be had, or this Node.js can't read from Kafka.
 * That Elasticsearch or Kafka is not there is no error: it is waited for.
 */
export async function startIndexer(config: IndexerConfig, say: (message: string) => void): Promise<RunningIndexer> {
  const principals = new Principals(config.principals);
  if (config.receiver && principals.isEmpty) {
    throw new PrincipalsError(
      'nobody could send records: set receiver.tokens, receiver.tokens_directory or receiver.client_ca ' +
        '(BOTAUDIT_INDEXER_TOKENS, BOTAUDIT_INDEXER_TOKENS_DIRECTORY or BOTAUDIT_INDEXER_CLIENT_CA)',
    );
  }
  const metrics = new IndexerMetrics();
  const budget = new MemoryBudget(config.maxPendingBytes);
  const cluster = new Cluster(config.elasticsearch);
  const { namespace, bulk: limits } = config;
  const destination = new Destination({ cluster, namespace, limits, budget, metrics, say });
  metrics.waiting = () => ({ pendingRecords: destination.outstanding, pendingBytes: budget.used });
  const intake = new Intake(destination, metrics, namespace);
  const { place, receiver: listening, kafka: reading, metrics: serving } = config;
  const context = { intake, budget, metrics, say };
  const receiver = listening && withTlsFiles(place, () => new Receiver(listening, { ...context, principals }));
  const kafka = reading && new KafkaSource(reading, context);
  const sources: Source[] = [receiver, kafka].filter((source) => source !== undefined);
  let isStopping = false;
  const trouble = () => {
    if (isStopping) return 'the indexer is being stopped';
    if (!destination.works) return 'Elasticsearch does not take records';
    return sources.some(({ works }) => works) ? undefined : 'no records can be read from Kafka';
  };
  const admin = serving && new AdminServer(metrics, trouble);
  destination.start();
  try {
    if (kafka) await withClient(place, () => kafka.start());
    if (receiver && listening) await listenAs('receiver.listen', listening, place, () => receiver.start());
    if (admin && serving) await listenAs('metrics', serving, place, () => admin.start(serving.host, serving.port));
  } catch (error) {
    for (const source of sources) source.abort();
    await Promise.all(sources.map((source) => source.stop()));
    destination.stop();
    await cluster.close();
    throw error;
  }
  return {
    url: receiver && `http${listening?.tls ? 's' : ''}://${hostOf(receiver.address)}/v1/audit`,
    adminUrl: admin && `http://${hostOf(admin.address)}`,
    async stop() {
      isStopping = true;
      const stopped = Promise.all(sources.map((source) => source.stop()));
      await Promise.race([stopped, wait(config.stopTimeoutMs, undefined, { ref: false })]);
      destination.stop();
      await Promise.race([stopped, wait(ANSWER_MS, undefined, { ref: false })]);
      for (const source of sources) source.abort();
      admin?.stop();
      await cluster.close();
    },
  };
}

function hostOf({ address, family, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
