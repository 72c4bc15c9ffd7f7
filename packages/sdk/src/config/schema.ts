import {
  boolean,
  bytes,
  bytesOrShare,
  headers,
  httpUrl,
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
import { POLICY_OPTIONS } from './policy-options.js';
import { PROTECTION_OPTIONS } from './protection-options.js';

const DAY_SECONDS = 86_400;
/** As much as goes into an archive as one object, which is read back and compared in memory. */
const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;

/** Everything that may stand in `botaudit.yaml`, and the variables that say the same. */
export const CONFIG_SCHEMA = v.strictObject({
  disabled: option(boolean, false, {
    env: 'BOTAUDIT_DISABLED',
    description: 'Switches auditing off, and says so at start.',
  }),
  service: section({
    name: optionalOption(text, {
      env: 'OTEL_SERVICE_NAME',
      otherwise: 'service.name of the attributes, else unknown_service:node',
      description: 'Name of the service that the bot is; a bot that acts by itself is the actor service:<name>.',
    }),
    attributes: option(
      textMap,
      {},
      {
        env: 'OTEL_RESOURCE_ATTRIBUTES',
        description: 'Further attributes of the OpenTelemetry resource, such as deployment.environment.name.',
      },
    ),
  }),
  journal: section({
    directory: optionalOption(path, {
      env: 'BOTAUDIT_DIR',
      otherwise: '.botaudit in the working folder, else /var/lib/botaudit, else a temporary folder, else memory',
      description: 'Folder of the journal. When it cannot be written the next of the list is taken, and said.',
    }),
    group_read: option(boolean, false, {
      env: 'BOTAUDIT_GROUP_READ',
      description: 'Lets the group of the folder read the journal: folders 0750 and files 0640, not 0700 and 0600.',
    }),
    durability: optionalOption(oneOf(['memory', 'process', 'power']), {
      env: 'BOTAUDIT_DURABILITY',
      otherwise: 'process, but memory on a network file system, which can hang',
      description:
        'What a written record survives: process, the end of the process by any signal; power, that too, and the loss of power once it was synced to the disk, soon after; memory, nothing for up to one tick of the event loop.',
    }),
    sync_interval_ms: option(integer(1, 60_000), 50, {
      env: 'BOTAUDIT_SYNC_INTERVAL_MS',
      description:
        'With durability power: records that come within this time are synced to the disk together, in milliseconds. What the loss of power can take is what was written in this time and during one sync.',
    }),
    max_bytes: option(bytes(1_048_576), '1 GiB', {
      env: 'BOTAUDIT_MAX_BYTES',
      description: 'How much the folder may hold before the oldest segments go.',
    }),
    min_free_bytes: option(bytesOrShare, '10 %', {
      env: 'BOTAUDIT_MIN_FREE_BYTES',
      description: 'How much of the file system is left free, in bytes or as a share.',
    }),
    segment_max_bytes: option(bytes(65_536, MAX_SEGMENT_BYTES), '16 MiB', {
      env: 'BOTAUDIT_SEGMENT_MAX_BYTES',
      description: 'Size at which a new segment is begun.',
    }),
    segment_max_age_seconds: option(integer(1, 366 * DAY_SECONDS), DAY_SECONDS, {
      env: 'BOTAUDIT_SEGMENT_MAX_AGE_SECONDS',
      description: 'Age at which a new segment is begun, in seconds.',
    }),
    compress: optionalOption(oneOf(['zstd', 'none']), {
      env: 'BOTAUDIT_COMPRESS',
      otherwise: 'zstd, but none where another program reads the files (ack external)',
      description:
        'What becomes of finished segments: zstd, they are compressed to about an eighth, so that a folder holds that much more; none, they stay as they are. Never with durability memory.',
    }),
    keep_acknowledged_seconds: option(integer(0, 3660 * DAY_SECONDS), 7 * DAY_SECONDS, {
      env: 'BOTAUDIT_KEEP_ACKNOWLEDGED_SECONDS',
      description:
        'How long finished segments stay after they were acknowledged and as long as there is room, in seconds since their last record.',
    }),
    max_age_seconds: optionalOption(integer(1, 3660 * DAY_SECONDS), {
      env: 'BOTAUDIT_MAX_AGE_SECONDS',
      otherwise: 'as long as there is room',
      description:
        'How long any finished segment stays, in seconds since its last record. One that has to be acknowledged stays until it is.',
    }),
    ack: option(oneOf(['collector', 'archive', 'external']), 'collector', {
      env: 'BOTAUDIT_ACK',
      description:
        'Who takes the records away, and so acknowledges segments: collector, the endpoint, where there is one; archive, botaudit archive; external, a program that reads the files and of which nothing is known, so that the oldest go first. The other two have to acknowledge a segment before it goes.',
    }),
  }),
  policy: POLICY_OPTIONS,
  protection: PROTECTION_OPTIONS,
  endpoint: section({
    url: optionalOption(httpUrl, {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT',
      otherwise: 'records stay in the journal',
      description: 'OTLP/HTTP address that records are sent to; /v1/audit is added when it has no path.',
      secret: true,
    }),
    headers: option(
      headers,
      {},
      {
        env: 'OTEL_EXPORTER_OTLP_AUDIT_HEADERS',
        description: 'Headers of every request, such as authorization. Secret.',
        secret: true,
      },
    ),
    certificate: optionalOption(path, {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_CERTIFICATE',
      otherwise: 'the certificates that Node.js trusts',
      description: 'File with the certificates (PEM) that the endpoint is checked against.',
    }),
    client_key: optionalOption(path, {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_CLIENT_KEY',
      otherwise: 'no client certificate is shown',
      description: 'File with the private key (PEM) for mutual TLS.',
    }),
    client_certificate: optionalOption(path, {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_CLIENT_CERTIFICATE',
      otherwise: 'no client certificate is shown',
      description: 'File with the certificate (PEM) for mutual TLS.',
    }),
    compression: option(oneOf(['none', 'gzip']), 'none', {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_COMPRESSION',
      description: 'How requests are compressed.',
    }),
    timeout_ms: option(integer(1, 3_600_000), 10_000, {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_TIMEOUT',
      description: 'How long one request may take, in milliseconds.',
    }),
    protocol: option(oneOf(['http/json', 'http/protobuf']), 'http/json', {
      env: 'OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL',
      description: 'Encoding of the requests.',
    }),
  }),
  signing: section({
    key: optionalOption(text, {
      env: 'BOTAUDIT_SIGNING_KEY',
      otherwise: 'signing.key_file, else a key that is made in the folder of the journal',
      description:
        'Private key that signs checkpoints: Ed25519, PKCS#8 in PEM. Belongs into the environment, not the file.',
      secret: true,
    }),
    key_file: optionalOption(path, {
      env: 'BOTAUDIT_SIGNING_KEY_FILE',
      otherwise: 'a key that is made in the folder of the journal, and proves nothing against who may read that',
      description: 'File with the private key that signs checkpoints: Ed25519, PKCS#8 in PEM, not encrypted.',
    }),
    checkpoint_records: option(integer(1, 1_000_000), 1_000, {
      env: 'BOTAUDIT_CHECKPOINT_RECORDS',
      description: 'After how many records a checkpoint is made.',
    }),
    checkpoint_interval_seconds: option(integer(1, DAY_SECONDS), 60, {
      env: 'BOTAUDIT_CHECKPOINT_INTERVAL_SECONDS',
      description: 'How long after a record a checkpoint is made at the latest, in seconds.',
    }),
  }),
  mcp: section({
    claimed_user: optionalOption(text, {
      env: 'BOTAUDIT_MCP_CLAIMED_USER',
      otherwise: 'what clients claim is not looked at',
      description:
        'Member of the _meta of MCP requests in which a client says who its user is, such as com.example/user. It is recorded as claimed; it is the actor only where the client itself was authenticated.',
    }),
  }),
  metrics: option(listenAddress, '127.0.0.1:9731', {
    env: 'BOTAUDIT_METRICS',
    description: 'Where the metrics of all processes of the folder are served to Prometheus, or off.',
  }),
  heartbeat_interval_seconds: option(integer(0, DAY_SECONDS), 300, {
    env: 'BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS',
    description: 'How often a heartbeat is recorded, in seconds; 0 is never.',
  }),
  exit_timeout_ms: option(integer(0, 60_000), 1_000, {
    env: 'BOTAUDIT_EXIT_TIMEOUT_MS',
    description: 'How long the end of the process waits for the last records to be acknowledged, in milliseconds.',
  }),
});

/** Every option of the file and the environment: what the reference page and the JSON Schema are made from. */
export const CONFIG_OPTIONS = listOptions(CONFIG_SCHEMA);

/** Variables that only the environment can have: they say where the file is, and what a wrong one leads to. */
export const BOOTSTRAP_VARIABLES = [
  {
    env: 'BOTAUDIT_CONFIG',
    type: 'path',
    default: undefined,
    otherwise: 'botaudit.yaml in the working folder, when there is one',
    description: 'The configuration file.',
  },
  {
    env: 'BOTAUDIT_ON_ERROR',
    type: 'stop | continue',
    default: 'stop',
    otherwise: undefined,
    description:
      'What a wrong configuration does: stop, the bot does not start; continue, it starts with what is safe, says so and records it.',
  },
] as const;
