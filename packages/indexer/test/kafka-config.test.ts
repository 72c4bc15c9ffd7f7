import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@botaudit/config';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadIndexerConfig } from '../src/index.js';

const PREFIX = 'BOTAUDIT_INDEXER_KAFKA_';

/** The configuration with these variables of Kafka, written without their beginning. */
const load = (kafka: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) =>
  loadIndexerConfig({
    env: { ...Object.fromEntries(Object.entries(kafka).map(([name, value]) => [PREFIX + name, value])), ...more },
    cwd: '/nonexistent',
  });

test('nothing is read from Kafka unless brokers are named', () => {
  expect(load({}).kafka).toBeUndefined();
  const { kafka, receiver } = load({ BROKERS: 'a.example:9093, 127.0.0.1:9092,[::1]:9092' });
  expect(kafka).toMatchObject({
    brokers: ['a.example:9093', '127.0.0.1:9092', '[::1]:9092'],
    topic: 'audit',
    group: 'audit-indexer',
    principal: 'kafka',
    principalHeader: undefined,
    credentials: undefined,
    tls: undefined,
    sessionTimeoutMs: 30_000,
  });
  expect(receiver).toBeDefined();
});

test('the receiver can be off where Kafka is on', () => {
  const { receiver, warnings } = load(
    { BROKERS: '127.0.0.1:9092' },
    { BOTAUDIT_INDEXER_LISTEN: 'off', BOTAUDIT_INDEXER_MAX_PENDING_BYTES: '2 MiB' },
  );
  expect(receiver).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('the password stands in the environment or in a file, which may change', async () => {
  const brokers = { BROKERS: '127.0.0.1:9092', USERNAME: 'indexer' };
  const plain = load({ ...brokers, PASSWORD: 'from the environment', MECHANISM: 'PLAIN' }).kafka?.credentials;
  expect([plain?.mechanism, plain?.username, plain?.password()]).toEqual(['PLAIN', 'indexer', 'from the environment']);

  const file = join(await temporaryFolder(), 'password');
  await writeFile(file, 'from the file\n');
  const credentials = load({ ...brokers, PASSWORD_FILE: file }).kafka?.credentials;
  expect([credentials?.mechanism, credentials?.password()]).toEqual(['SCRAM-SHA-512', 'from the file']);
  await writeFile(file, 'another\n');
  expect(credentials?.password()).toBe('another');
});

test.each<[Record<string, string>, RegExp]>([
  [{ BROKERS: 'a.example' }, /KAFKA_BROKERS: wrong value "a\.example"; allowed: host:port parted by commas/],
  [{ BROKERS: 'a:1', TOPIC: 'a topic' }, /KAFKA_TOPIC: wrong value/],
  [{ BROKERS: 'a:1', GROUP: 'a group' }, /KAFKA_GROUP: wrong value "a group"; allowed: .* without white space/],
  [{ BROKERS: 'a:1', USERNAME: 'x' }, /kafka: has half a credential/],
  [{ BROKERS: 'a:1', PASSWORD: 'secret' }, /kafka: has half a credential/],
  [{ BROKERS: 'a:1', USERNAME: 'x', PASSWORD: 'secret', PASSWORD_FILE: '/a' }, /kafka: has two passwords/],
  [
    { BROKERS: 'a:1', USERNAME: 'x', PASSWORD_FILE: '/nonexistent' },
    /KAFKA_PASSWORD_FILE: \/nonexistent can't be read \(ENOENT\)/,
  ],
  [{ BROKERS: 'a:1', MECHANISM: 'GSSAPI' }, /allowed: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512/],
  [{ BROKERS: 'a:1', CERTIFICATE: '/a' }, /KAFKA_CERTIFICATE: is set, but TLS is off; allowed: kafka\.tls: true/],
  [{ BROKERS: 'a:1', TLS: 'yes', CLIENT_KEY: '/nonexistent' }, /kafka\.client_certificate: is missing/],
  [{ BROKERS: 'a:1', TLS: 'yes', CERTIFICATE: '/nonexistent' }, /KAFKA_CERTIFICATE: \/nonexistent does not exist/],
])('a wrong configuration is told: %o', (kafka, message) => {
  expect(() => load(kafka)).toThrow(ConfigError);
  expect(() => load(kafka)).toThrow(message);
  expect(() => load(kafka)).not.toThrow('secret');
});

test('what goes over the network in clear is said', () => {
  const credentials = { USERNAME: 'x', PASSWORD: 'secret' };
  expect(load({ BROKERS: '127.0.0.1:9092,[::1]:9092,localhost:9092' }).warnings).toEqual([]);
  expect(load({ BROKERS: 'a.example:9093', TLS: 'true' }).warnings).toEqual([]);
  expect(load({ BROKERS: 'a.example:9092', ...credentials }).warnings).toEqual([
    'records go over the network in clear from a.example:9092: set kafka.tls',
  ]);
  expect(load({ BROKERS: 'a.example:9092', ...credentials, MECHANISM: 'PLAIN' }).warnings).toEqual([
    'the password and records go over the network in clear from a.example:9092: set kafka.tls',
  ]);
});
