import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AdminServer } from './admin.js';
import { listenAs, withTlsFiles } from './config/at-its-place.js';
import type { IndexerConfig } from './config/load-config.js';
import { Cluster } from './elasticsearch/cluster.js';
import { Destination } from './elasticsearch/destination.js';
import { Intake } from './intake.js';
import { MemoryBudget } from './memory-budget.js';
import { IndexerMetrics } from './metrics/metrics.js';
import { Principals, PrincipalsError } from './receiver/principals.js';
import { Receiver } from './receiver/receiver.js';

/** An indexer that runs. */
export interface RunningIndexer {
  /** Where records are taken. */
  readonly url: string;
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
 * @throws {ConfigError} when a file of TLS can't be used, or an address can't be had. That Elasticsearch is not there is no
 * error: it is waited for.
 */
export async function startIndexer(config: IndexerConfig, say: (message: string) => void): Promise<RunningIndexer> {
  const principals = new Principals(config.principals);
  if (principals.isEmpty) {
    throw new PrincipalsError(
      'nobody could send records: set receiver.tokens, receiver.tokens_directory or receiver.client_ca',
    );
  }
  const metrics = new IndexerMetrics();
  const budget = new MemoryBudget(config.maxPendingBytes);
  const cluster = new Cluster(config.elasticsearch);
  const { namespace, bulk: limits } = config;
  const destination = new Destination({ cluster, namespace, limits, budget, metrics, say });
  metrics.waiting = () => ({ pendingRecords: destination.outstanding, pendingBytes: budget.used });
  const intake = new Intake(destination, metrics, namespace);
  const { place } = config;
  const receiver = withTlsFiles(
    place,
    () => new Receiver(config.receiver, { intake, principals, budget, metrics, say }),
  );
  let isStopping = false;
  const admin = config.metrics && new AdminServer(metrics, () => destination.works && !isStopping);
  destination.start();
  try {
    await listenAs('receiver.listen', config.receiver, place, () => receiver.start());
    const { metrics: address } = config;
    if (admin && address) await listenAs('metrics', address, place, () => admin.start(address.host, address.port));
  } catch (error) {
    receiver.abort();
    await receiver.stop();
    destination.stop();
    await cluster.close();
    throw error;
  }
  return {
    url: `http${config.receiver.tls ? 's' : ''}://${hostOf(receiver.address)}/v1/audit`,
    adminUrl: admin && `http://${hostOf(admin.address)}`,
    async stop() {
      isStopping = true;
      const stopped = receiver.stop();
      await Promise.race([stopped, wait(config.stopTimeoutMs, undefined, { ref: false })]);
      destination.stop();
      await Promise.race([stopped, wait(ANSWER_MS, undefined, { ref: false })]);
      receiver.abort();
      admin?.stop();
      await cluster.close();
    },
  };
}

function hostOf({ address, family, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
