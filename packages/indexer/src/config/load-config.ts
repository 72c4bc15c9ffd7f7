import { dirname, resolve } from 'node:path';
import {
  ConfigError,
  type ConfigPlace,
  type ConfigProblem,
  type Environment,
  type ListenAddress,
  readConfig,
  readYamlFile,
  unknownVariables,
} from '@botaudit/config';
import type { Connection } from '../elasticsearch/cluster.js';
import type { LaneLimits } from '../elasticsearch/lane.js';
import type { KafkaOptions } from '../kafka/options.js';
import type { PrincipalOptions } from '../receiver/principals.js';
import type { ReceiverOptions } from '../receiver/receiver.js';
import type { SetupOptions } from '../setup/options.js';
import { readInClear, receivedInClear, sentInClear } from './in-clear.js';
import { kafkaOptions } from './kafka-config.js';
import { PemError, readCertificates } from './pem.js';
import { INDEXER_BOOTSTRAP_VARIABLES, INDEXER_CONFIG_OPTIONS, INDEXER_CONFIG_SCHEMA } from './schema.js';
import type { TlsFiles } from './tls-files.js';

/** The configuration of one indexer. `INDEXER_CONFIG_OPTIONS` says what each option means. */
export interface IndexerConfig {
  /** The file that was read; `undefined` when there was none. */
  readonly file: string | undefined;
  /** `undefined`: nothing is received. */
  readonly receiver: ReceiverOptions | undefined;
  /** `undefined`: nothing is read from Kafka. */
  readonly kafka: KafkaOptions | undefined;
  readonly principals: PrincipalOptions;
  readonly elasticsearch: Connection;
  readonly namespace: string;
  readonly bulk: LaneLimits;
  readonly maxPendingBytes: number;
  /** `undefined`: nothing is served. */
  readonly metrics: ListenAddress | undefined;
  readonly stopTimeoutMs: number;
  /** How Elasticsearch is set up. */
  readonly setup: SetupOptions;
  /** With whose credentials. */
  readonly setupConnection: Connection;
  /** What is no error but should be said, a line each. */
  readonly warnings: readonly string[];
  /** Where an option's value came from. */
  readonly place: (key: string) => ConfigPlace;
}

/** Where a configuration comes from. */
export interface IndexerConfigSources {
  /** Default: `process.env`. */
  readonly env?: Environment;
  /** Default: the working folder of the process. */
  readonly cwd?: string;
}

/** With more documents than this a bulk request becomes no faster. */
const BULK_MAX_DOCUMENTS = 2_000;

/**
 * Reads the configuration from `botaudit-indexer.yaml` and the environment.
 *
 * @throws {ConfigError} when anything in it is wrong.
 */
export function loadIndexerConfig({
  env = process.env,
  cwd = process.cwd(),
}: IndexerConfigSources = {}): IndexerConfig {
  const named = env.BOTAUDIT_INDEXER_CONFIG?.trim();
  const file = readYamlFile(resolve(cwd, named || 'botaudit-indexer.yaml'), !named);
  const read = readConfig(INDEXER_CONFIG_SCHEMA, { env, cwd, file, fileFolder: file && dirname(file.file) });
  const { receiver, kafka: kafkaValues, elasticsearch, setup, ...values } = read.values;
  const problems = [...read.problems];
  const tls = tlsFiles(receiver, problems);
  const kafka = kafkaOptions({ kafka: kafkaValues, receiver }, { place: read.place, problems });
  const listen = receiver.listen === 'off' ? undefined : receiver.listen;
  if (!listen && kafkaValues.brokers === undefined) {
    const problem = 'is off, and there is no other source';
    problems.push({
      ...read.place('receiver.listen'),
      problem,
      allowed: 'host:port, or off where kafka.brokers is set',
    });
  }
  if (listen && values.max_pending_bytes < 2 * receiver.max_request_bytes) {
    const allowed = 'at least twice receiver.max_request_bytes: a large request would never be taken';
    problems.push({ ...read.place('max_pending_bytes'), problem: `is ${values.max_pending_bytes}`, allowed });
  }
  checkCredentials('elasticsearch', elasticsearch, problems);
  checkCredentials('setup', setup, problems);
  const certificate = authorityOf(elasticsearch, read.place, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const node = { urls: elasticsearch.url, certificate, timeoutMs: elasticsearch.timeout_ms };
  return {
    file: file?.file,
    receiver: listen && {
      ...listen,
      tls,
      tokensDirectory: receiver.tokens_directory,
      maxRequestBytes: receiver.max_request_bytes,
      timeoutMs: receiver.timeout_ms,
    },
    kafka,
    principals: {
      tokens: receiver.tokens,
      tokensDirectory: receiver.tokens_directory,
      services: receiver.services,
      certificates: tls?.clientCa !== undefined,
    },
    elasticsearch: { ...node, ...credentials(elasticsearch) },
    namespace: elasticsearch.namespace,
    bulk: {
      maxBytes: elasticsearch.bulk_max_bytes,
      maxDocuments: BULK_MAX_DOCUMENTS,
      concurrency: elasticsearch.bulk_concurrency,
    },
    maxPendingBytes: values.max_pending_bytes,
    metrics: values.metrics === 'off' ? undefined : values.metrics,
    stopTimeoutMs: values.stop_timeout_ms,
    setup: {
      namespace: elasticsearch.namespace,
      lifecycle: setup.lifecycle,
      retentionDays: setup.retention_days,
      shards: setup.shards,
      replicas: setup.replicas,
    },
    setupConnection: { ...node, ...credentials(setup) },
    warnings: [
      ...unknown(env),
      ...(listen ? receivedInClear(listen, tls) : []),
      ...(kafka ? readInClear(kafka) : []),
      ...sentInClear(elasticsearch.url),
    ],
    place: read.place,
  };
}

type Values = ReturnType<typeof readConfig<typeof INDEXER_CONFIG_SCHEMA>>['values'];

function tlsFiles(
  { certificate, key, client_ca }: Values['receiver'],
  problems: ConfigProblem[],
): TlsFiles | undefined {
  if (certificate !== undefined && key !== undefined) return { certificate, key, clientCa: client_ca };
  if (certificate !== undefined || key !== undefined || client_ca !== undefined) {
    problems.push({
      key: certificate === undefined ? 'receiver.certificate' : 'receiver.key',
      problem: 'is missing',
      allowed: 'both receiver.certificate and receiver.key, with or without receiver.client_ca, or none of them',
    });
  }
  return undefined;
}

interface CredentialValues {
  readonly api_key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

function checkCredentials(section: string, values: CredentialValues, problems: ConfigProblem[]): void {
  const { api_key, username, password } = values;
  const both = username !== undefined && password !== undefined;
  if (api_key === undefined ? both || (username ?? password) === undefined : (username ?? password) === undefined)
    return;
  problems.push({
    key: section,
    problem: api_key === undefined ? 'has half a credential' : 'has two credentials',
    allowed: `${section}.api_key, or both ${section}.username and ${section}.password`,
  });
}

function credentials({ api_key, username, password }: CredentialValues): Partial<Connection> {
  return api_key === undefined ? { username, password } : { apiKey: api_key };
}

/** The certificates (PEM) that Elasticsearch's is checked against. */
function authorityOf(
  { certificate, url: urls }: Values['elasticsearch'],
  place: (key: string) => ConfigPlace,
  problems: ConfigProblem[],
): string | undefined {
  if (certificate === undefined) return undefined;
  if (urls.some((url) => new URL(url).protocol === 'http:')) {
    const problem = 'is set, but an address of elasticsearch.url starts with http://, where no certificate is shown';
    const allowed = 'addresses that start with https://, or no elasticsearch.certificate';
    problems.push({ ...place('elasticsearch.certificate'), problem, allowed });
  }
  try {
    return readCertificates(certificate).text;
  } catch (error) {
    if (!(error instanceof PemError)) throw error;
    problems.push({ ...place('elasticsearch.certificate'), problem: error.message, allowed: error.allowed });
    return undefined;
  }
}

function unknown(env: Environment): string[] {
  const known = [...INDEXER_CONFIG_OPTIONS, ...INDEXER_BOOTSTRAP_VARIABLES].map((entry) => entry.env ?? '');
  return unknownVariables(env, 'BOTAUDIT_INDEXER_', known).map(
    ({ name, meant }) => `${name} means nothing here${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}
