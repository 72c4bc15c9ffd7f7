import { readFileSync } from 'node:fs';
import type { ConfigPlace, ConfigProblem, readConfig } from '@botaudit/config';
import type { KafkaCredentials, KafkaOptions, KafkaTls } from '../kafka/options.js';
import { PemError, readCertificates, readPrivateKey } from './pem.js';
import type { INDEXER_CONFIG_SCHEMA } from './schema.js';

type Values = ReturnType<typeof readConfig<typeof INDEXER_CONFIG_SCHEMA>>['values'];

/** Where the options of Kafka and of principals come from, and where what is wrong with them goes to. */
interface Reading {
  readonly place: (key: string) => ConfigPlace;
  readonly problems: ConfigProblem[];
}

/** How records are read from Kafka; `undefined` when they are not. */
export function kafkaOptions(
  { kafka, receiver: { services } }: Pick<Values, 'kafka' | 'receiver'>,
  reading: Reading,
): KafkaOptions | undefined {
  const { brokers, topic, group, principal, principal_header, session_timeout_ms } = kafka;
  if (brokers === undefined) return undefined;
  return {
    brokers,
    topic,
    group,
    principal,
    principalHeader: principal_header,
    services,
    credentials: credentials(kafka, reading),
    tls: tlsFiles(kafka, reading),
    sessionTimeoutMs: session_timeout_ms,
  };
}

function credentials(
  { username, password, password_file: file, mechanism }: Values['kafka'],
  { place, problems }: Reading,
): KafkaCredentials | undefined {
  const passwords = [password, file].filter((each) => each !== undefined).length;
  if (username === undefined && passwords === 0) return undefined;
  if (username === undefined || passwords !== 1) {
    problems.push({
      key: 'kafka',
      problem: passwords > 1 ? 'has two passwords' : 'has half a credential',
      allowed: 'kafka.username with either kafka.password or kafka.password_file',
    });
    return undefined;
  }
  if (file === undefined) return { mechanism, username, password: () => password ?? '' };
  const read = () => readFileSync(file, 'utf8').trim();
  try {
    if (read() !== '') return { mechanism, username, password: read };
    problems.push({ ...place('kafka.password_file'), problem: `${file} is empty`, allowed: 'a file with a password' });
  } catch (error) {
    const problem = `${file} can't be read (${(error as NodeJS.ErrnoException).code})`;
    problems.push({ ...place('kafka.password_file'), problem, allowed: 'a file with a password' });
  }
  return undefined;
}

const FILES = ['certificate', 'client_certificate', 'client_key'] as const;

function tlsFiles(kafka: Values['kafka'], { place, problems }: Reading): KafkaTls | undefined {
  const { certificate: ca, client_certificate: certificate, client_key: key } = kafka;
  if (!kafka.tls) {
    for (const name of FILES.filter((each) => kafka[each] !== undefined)) {
      const problem = 'is set, but TLS is off';
      problems.push({ ...place(`kafka.${name}`), problem, allowed: `kafka.tls: true, or no kafka.${name}` });
    }
    return undefined;
  }
  if ((certificate === undefined) !== (key === undefined)) {
    problems.push({
      key: certificate === undefined ? 'kafka.client_certificate' : 'kafka.client_key',
      problem: 'is missing',
      allowed: 'both kafka.client_certificate and kafka.client_key, or none of them',
    });
  }
  for (const name of FILES) {
    const file = kafka[name];
    if (file === undefined) continue;
    try {
      if (name === 'client_key') readPrivateKey(file);
      else readCertificates(file);
    } catch (error) {
      if (!(error instanceof PemError)) throw error;
      problems.push({ ...place(`kafka.${name}`), problem: error.message, allowed: error.allowed });
    }
  }
  return { ca, certificate, key };
}
