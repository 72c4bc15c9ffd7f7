import {
  bytes,
  integer,
  listenAddress,
  listOptions,
  oneOf,
  option,
  optionalOption,
  path,
  section,
  text,
  textMap,
} from '@botaudit/config';
import * as v from 'valibot';
import { KAFKA_SECTION } from './kafka-schema.js';
import { namespace, nodeUrls } from './types.js';

/** Everything that may stand in `botaudit-indexer.yaml`, and the variables that say the same. */
export const INDEXER_CONFIG_SCHEMA = v.strictObject({
  receiver: section({
    listen: option(listenAddress, '127.0.0.1:4321', {
      env: 'BOTAUDIT_INDEXER_LISTEN',
      description:
        'Where records are received over OTLP/HTTP, at /v1/audit and /v1/logs, or off where they come from Kafka alone.',
    }),
    tokens: option(
      textMap,
      {},
      {
        env: 'BOTAUDIT_INDEXER_TOKENS',
        description:
          'Bearer tokens: a principal, usually a service, and its token, or several parted by spaces. Secret.',
        secret: true,
      },
    ),
    tokens_directory: optionalOption(path, {
      env: 'BOTAUDIT_INDEXER_TOKENS_DIRECTORY',
      otherwise: 'no folder',
      description: 'Folder with a file for each principal, named like it, that holds its tokens. It is watched.',
    }),
    services: option(
      textMap,
      {},
      {
        env: 'BOTAUDIT_INDEXER_SERVICES',
        description:
          'Which service.name a principal speaks for: names parted by spaces, * stands for anything; by default its own name. Others are stored, counted and alerted on.',
      },
    ),
    certificate: optionalOption(path, {
      env: 'BOTAUDIT_INDEXER_CERTIFICATE',
      otherwise: 'no TLS',
      description: 'File with the certificate (PEM) of this server. It is watched.',
    }),
    key: optionalOption(path, {
      env: 'BOTAUDIT_INDEXER_KEY',
      otherwise: 'no TLS',
      description: 'File with the private key (PEM) of this server. It is watched.',
    }),
    client_ca: optionalOption(path, {
      env: 'BOTAUDIT_INDEXER_CLIENT_CA',
      otherwise: 'senders need no certificate',
      description:
        'File with the authority (PEM) of the certificates that senders must show. Without tokens, the CN of a certificate is the principal.',
    }),
    max_request_bytes: option(bytes(65_536), '12 MiB', {
      env: 'BOTAUDIT_INDEXER_MAX_REQUEST_BYTES',
      description: 'How much one request may hold, also once decompressed.',
    }),
    timeout_ms: option(integer(100, 3_600_000), 8_000, {
      env: 'BOTAUDIT_INDEXER_TIMEOUT_MS',
      description:
        'How long a request waits for Elasticsearch before its sender is told to come again, in milliseconds. Keep it below the timeout of senders.',
    }),
  }),
  kafka: KAFKA_SECTION,
  elasticsearch: section({
    url: option(nodeUrls, 'http://127.0.0.1:9200', {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_URL',
      description: 'Where Elasticsearch is: one address or more, parted by commas.',
      // Somebody may write a password into it, which is refused, and must not be shown for it.
      secret: true,
    }),
    api_key: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_API_KEY',
      otherwise: 'user name and password',
      description: 'API key of the writer, in base64. Secret.',
      secret: true,
    }),
    username: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_USERNAME',
      otherwise: 'no user',
      description: 'User name of the writer.',
    }),
    password: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_PASSWORD',
      otherwise: 'no password',
      description: 'Password of the writer. Secret.',
      secret: true,
    }),
    certificate: optionalOption(path, {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_CERTIFICATE',
      otherwise: 'the certificates that Node.js trusts',
      description: "File with the certificates (PEM) that Elasticsearch's is checked against.",
    }),
    namespace: option(namespace, 'default', {
      env: 'BOTAUDIT_INDEXER_NAMESPACE',
      description: 'Records go to logs-audit.otel-<namespace>, refused ones to logs-audit.rejected-<namespace>.',
    }),
    timeout_ms: option(integer(100, 3_600_000), 30_000, {
      env: 'BOTAUDIT_INDEXER_ELASTICSEARCH_TIMEOUT_MS',
      description: 'How long one request to Elasticsearch may take, in milliseconds.',
    }),
    bulk_max_bytes: option(bytes(65_536), '4 MiB', {
      env: 'BOTAUDIT_INDEXER_BULK_MAX_BYTES',
      description: 'Size of one bulk request.',
    }),
    bulk_concurrency: option(integer(1, 32), 2, {
      env: 'BOTAUDIT_INDEXER_BULK_CONCURRENCY',
      description: 'How many bulk requests are under way at a time.',
    }),
  }),
  max_pending_bytes: option(bytes(1_048_576), '24 MiB', {
    env: 'BOTAUDIT_INDEXER_MAX_PENDING_BYTES',
    description:
      'How much may wait for Elasticsearch; what comes then is not read until there is room, or receiver.timeout_ms is over.',
  }),
  metrics: option(listenAddress, '127.0.0.1:9732', {
    env: 'BOTAUDIT_INDEXER_METRICS',
    description: 'Where /metrics, /healthz and /readyz are served, or off.',
  }),
  stop_timeout_ms: option(integer(0, 600_000), 10_000, {
    env: 'BOTAUDIT_INDEXER_STOP_TIMEOUT_MS',
    description: 'How long a stop waits for what is under way; what is not stored by then stays with its sender.',
  }),
  setup: section({
    api_key: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_SETUP_API_KEY',
      otherwise: 'user name and password',
      description: 'API key that sets up Elasticsearch, in base64; never the one of the writer. Secret.',
      secret: true,
    }),
    username: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_SETUP_USERNAME',
      otherwise: 'no user',
      description: 'User name that sets up Elasticsearch.',
    }),
    password: optionalOption(text, {
      env: 'BOTAUDIT_INDEXER_SETUP_PASSWORD',
      otherwise: 'no password',
      description: 'Password for setting up Elasticsearch. Secret.',
      secret: true,
    }),
    lifecycle: option(oneOf(['data-stream', 'ilm']), 'data-stream', {
      env: 'BOTAUDIT_INDEXER_LIFECYCLE',
      description:
        'What rolls indices over and deletes old ones: the lifecycle of the data stream, or a policy of ILM.',
    }),
    retention_days: optionalOption(integer(1, 36_500), {
      env: 'BOTAUDIT_INDEXER_RETENTION_DAYS',
      otherwise: 'nothing is deleted',
      description: 'After how many days records are deleted.',
    }),
    shards: option(integer(1, 1024), 1, {
      env: 'BOTAUDIT_INDEXER_SHARDS',
      description: 'Primary shards of an index of records.',
    }),
    replicas: option(integer(0, 32), 1, {
      env: 'BOTAUDIT_INDEXER_REPLICAS',
      description: 'Copies of each shard.',
    }),
  }),
});

/** Every option of the file and the environment: what the reference page and the JSON Schema are made from. */
export const INDEXER_CONFIG_OPTIONS = listOptions(INDEXER_CONFIG_SCHEMA);

/** The variable that only the environment can have: it says where the file is. */
export const INDEXER_BOOTSTRAP_VARIABLES = [
  {
    env: 'BOTAUDIT_INDEXER_CONFIG',
    type: 'path',
    default: undefined,
    otherwise: 'botaudit-indexer.yaml in the working folder, when there is one',
    description: 'The configuration file of the indexer.',
  },
] as const;
