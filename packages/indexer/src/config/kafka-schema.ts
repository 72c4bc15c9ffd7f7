import { boolean, integer, oneOf, option, optionalOption, path, section, text } from '@botaudit/config';
import { SASL_MECHANISMS } from '../kafka/options.js';
import { brokerList, groupName, topicName } from './types.js';

/** The section `kafka` of the file. */
export const KAFKA_SECTION = section({
  brokers: optionalOption(brokerList, {
    env: 'BOTAUDIT_INDEXER_KAFKA_BROKERS',
    otherwise: 'nothing is read from Kafka',
    description: 'Brokers of Kafka to begin with, parted by commas. Their records are read beside those received.',
  }),
  topic: option(topicName, 'audit', {
    env: 'BOTAUDIT_INDEXER_KAFKA_TOPIC',
    description:
      'Topic that is read: messages of OTLP in protobuf or JSON, as the kafka exporter of a collector writes.',
  }),
  group: option(groupName, 'audit-indexer', {
    env: 'BOTAUDIT_INDEXER_KAFKA_GROUP',
    description:
      'Consumer group that all indexers of one Elasticsearch share the partitions in. A new one begins at the beginning.',
  }),
  principal: option(text, 'kafka', {
    env: 'BOTAUDIT_INDEXER_KAFKA_PRINCIPAL',
    description:
      'Whose credential is recorded for what comes from Kafka (audit.ingest.principal). Speaks for all services unless receiver.services says which.',
  }),
  principal_header: optionalOption(text, {
    env: 'BOTAUDIT_INDEXER_KAFKA_PRINCIPAL_HEADER',
    otherwise: 'kafka.principal for all',
    description:
      'Header of a message that says instead whose credential it came with. Believe it only where none but your collectors may write to the topic.',
  }),
  username: optionalOption(text, {
    env: 'BOTAUDIT_INDEXER_KAFKA_USERNAME',
    otherwise: 'no user',
    description: 'User name for the brokers (SASL).',
  }),
  password: optionalOption(text, {
    env: 'BOTAUDIT_INDEXER_KAFKA_PASSWORD',
    otherwise: 'no password',
    description: 'Password of the user. Secret.',
    secret: true,
  }),
  password_file: optionalOption(path, {
    env: 'BOTAUDIT_INDEXER_KAFKA_PASSWORD_FILE',
    otherwise: 'no password',
    description: 'File with the password of the user instead. It is read for each connection.',
  }),
  mechanism: option(oneOf(SASL_MECHANISMS), 'SCRAM-SHA-512', {
    env: 'BOTAUDIT_INDEXER_KAFKA_MECHANISM',
    description: 'How the brokers are shown that the password is known.',
  }),
  tls: option(boolean, false, {
    env: 'BOTAUDIT_INDEXER_KAFKA_TLS',
    description: 'Whether the brokers are talked to over TLS.',
  }),
  certificate: optionalOption(path, {
    env: 'BOTAUDIT_INDEXER_KAFKA_CERTIFICATE',
    otherwise: 'the certificates that Node.js trusts',
    description: "File with the certificates (PEM) that the brokers' are checked against.",
  }),
  client_certificate: optionalOption(path, {
    env: 'BOTAUDIT_INDEXER_KAFKA_CLIENT_CERTIFICATE',
    otherwise: 'none is shown',
    description: 'File with the certificate (PEM) that is shown to the brokers.',
  }),
  client_key: optionalOption(path, {
    env: 'BOTAUDIT_INDEXER_KAFKA_CLIENT_KEY',
    otherwise: 'none is shown',
    description: 'File with the private key (PEM) of that certificate.',
  }),
  session_timeout_ms: option(integer(6_000, 1_800_000), 30_000, {
    env: 'BOTAUDIT_INDEXER_KAFKA_SESSION_TIMEOUT_MS',
    description:
      'After how long without a sign of life the group gives the partitions of an indexer to the others, in milliseconds.',
  }),
});
