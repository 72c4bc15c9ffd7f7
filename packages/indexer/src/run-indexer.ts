import { type IndexerConfigSources, loadIndexerConfig } from './config/load-config.js';
import { Cluster } from './elasticsearch/cluster.js';
import { boundGarbage } from './garbage.js';
import { type SetupReport, setUp } from './setup/set-up.js';
import { type RunningIndexer, startIndexer } from './start-indexer.js';

/** Options of {@link runIndexer}. */
export interface RunIndexerOptions extends IndexerConfigSources {
  /** Aborted when the indexer is to stop. */
  readonly signal: AbortSignal;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
  /** Called once it takes records. */
  readonly onStart?: (indexer: RunningIndexer) => void;
}

/**
 * Runs an indexer until it is told to stop: what `botaudit index` does. Resolves once it has stopped.
 *
 * @throws {ConfigError} when the configuration is wrong, a file can't be used, or an address can't be had.
 * @throws {PrincipalsError} when nobody could send records, or a token is of no use.
 */
export async function runIndexer({ signal, say, onStart, ...sources }: RunIndexerOptions): Promise<void> {
  const config = loadIndexerConfig(sources);
  for (const warning of config.warnings) say(warning);
  boundGarbage();
  const indexer = await startIndexer(config, say);
  const { kafka, elasticsearch } = config;
  const from = [
    ...(indexer.url === undefined ? [] : [`taken at ${indexer.url}`]),
    ...(kafka ? [`read from the topic ${kafka.topic} at ${kafka.brokers.join(', ')}`] : []),
  ];
  say(`records are ${from.join(' and ')}, and go to ${elasticsearch.urls.join(', ')}`);
  if (indexer.adminUrl) say(`metrics are at ${indexer.adminUrl}/metrics`);
  onStart?.(indexer);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  await indexer.stop();
}

/** Options of {@link runSetup}. */
export interface RunSetupOptions extends IndexerConfigSources {
  /** Changes nothing, and tells what would be changed. Default: false. */
  readonly dryRun?: boolean;
}

/**
 * Sets up Elasticsearch with the credentials of the section `setup`: what `botaudit index --setup` does.
 *
 * @throws {ConfigError} when the configuration is wrong.
 * @throws {ClusterError} when Elasticsearch can't be reached, or refuses something unexpectedly.
 */
export async function runSetup({ dryRun = false, ...sources }: RunSetupOptions = {}): Promise<SetupReport> {
  const config = loadIndexerConfig(sources);
  const cluster = new Cluster(config.setupConnection);
  try {
    return await setUp(cluster, config.setup, dryRun);
  } finally {
    await cluster.close();
  }
}
