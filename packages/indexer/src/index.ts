export type { ArchiveReport, ReplayArchiveOptions } from './archive/replay-archive.js';
export { ArchiveError, replayArchive } from './archive/replay-archive.js';
export type { IndexerConfig, IndexerConfigSources } from './config/load-config.js';
export { loadIndexerConfig } from './config/load-config.js';
export { INDEXER_BOOTSTRAP_VARIABLES, INDEXER_CONFIG_OPTIONS } from './config/schema.js';
export { ClusterError } from './elasticsearch/cluster.js';
export type { IndexerMetricDefinition, IndexerMetricName } from './metrics/table.js';
export {
  ELASTICSEARCH_ERRORS,
  INDEXER_METRICS,
  KAFKA_ERRORS,
  KAFKA_MESSAGES,
  RECORD_RESULTS,
  REFUSALS,
} from './metrics/table.js';
export type { RunIndexerOptions, RunSetupOptions } from './run-indexer.js';
export { runIndexer, runSetup } from './run-indexer.js';
export type { SetupFile } from './setup/files.js';
export { setupFiles } from './setup/files.js';
export type { SetupReport, SetupStep } from './setup/set-up.js';
export type { RunningIndexer } from './start-indexer.js';
export { startIndexer } from './start-indexer.js';
