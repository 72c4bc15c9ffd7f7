import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@botaudit/config';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadIndexerConfig, startIndexer } from '../src/index.js';

const load = (env: Readonly<Record<string, string>>, cwd = '/nonexistent') => loadIndexerConfig({ env, cwd });

test('without a word everything has a default', () => {
  expect(load({})).toMatchObject({
    file: undefined,
    receiver: { host: '127.0.0.1', port: 4321, tls: undefined, maxRequestBytes: 12 * 2 ** 20 },
    elasticsearch: { urls: ['http://127.0.0.1:9200'] },
    namespace: 'default',
    metrics: { host: '127.0.0.1', port: 9732 },
    setup: { lifecycle: 'data-stream', retentionDays: undefined, shards: 1, replicas: 1 },
    warnings: [],
  });
});

test('a file says it, and the environment goes before it', async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'botaudit-indexer.yaml'),
    `receiver:
  tokens:
    payments: token-of-payments
    gateway: token-of-the-gateway
  services:
    gateway: "*"
elasticsearch:
  url: https://a.example:9200, https://b.example:9200
  api_key: c2VjcmV0
setup:
  retention_days: 400
`,
  );
  const config = load({ BOTAUDIT_INDEXER_RETENTION_DAYS: '180', BOTAUDIT_INDEXER_METRICS: 'off' }, folder);
  expect(config).toMatchObject({
    principals: { tokens: { payments: 'token-of-payments' }, services: { gateway: '*' } },
    elasticsearch: { urls: ['https://a.example:9200', 'https://b.example:9200'], apiKey: 'c2VjcmV0' },
    metrics: undefined,
    setup: { retentionDays: 180 },
  });
  // Who writes must not be able to set up.
  expect(config.setupConnection.apiKey).toBeUndefined();
});

test.each<[Record<string, string>, RegExp]>([
  [{ BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'https://user:secret@a.example' }, /allowed: addresses parted by commas/],
  [{ BOTAUDIT_INDEXER_NAMESPACE: 'a-b' }, /NAMESPACE: wrong value "a-b"; allowed: up to 100 lower-case letters/],
  [{ BOTAUDIT_INDEXER_LISTEN: 'off' }, /INDEXER_LISTEN: is off/],
  [{ BOTAUDIT_INDEXER_CERTIFICATE: '/a' }, /receiver\.key: is missing/],
  [{ BOTAUDIT_INDEXER_CLIENT_CA: '/a' }, /receiver\.certificate: is missing/],
  [{ BOTAUDIT_INDEXER_MAX_PENDING_BYTES: '20 MiB' }, /MAX_PENDING_BYTES: is 20971520; allowed: at least twice/],
  [{ BOTAUDIT_INDEXER_ELASTICSEARCH_USERNAME: 'x' }, /elasticsearch: has half a credential/],
  [{ BOTAUDIT_INDEXER_SETUP_API_KEY: 'x', BOTAUDIT_INDEXER_SETUP_USERNAME: 'x' }, /setup: has two credentials/],
])('a wrong configuration is told: %o', (env, message) => {
  expect(() => load(env)).toThrow(ConfigError);
  expect(() => load(env)).toThrow(message);
  expect(() => load(env)).not.toThrow('secret');
});

test('what is dubious is said', () => {
  const { warnings } = load({
    BOTAUDIT_INDEXER_LISTEN: '0.0.0.0:4321',
    BOTAUDIT_INDEXER_TOKEN: 'x',
    BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'http://a.example:9200,http://127.0.0.1:9200,http://[::1]:9200',
  });
  expect(warnings).toEqual([
    'BOTAUDIT_INDEXER_TOKEN means nothing here; did you mean BOTAUDIT_INDEXER_TOKENS?',
    expect.stringContaining('in clear to 0.0.0.0:4321'),
    expect.stringContaining('in clear to http://a.example:9200'),
  ]);
});

test.each<[Record<string, string>, string]>([
  [{}, 'nobody could send records'],
  [{ BOTAUDIT_INDEXER_TOKENS: 'a=short' }, 'a token of a is shorter than 16 characters'],
  [{ BOTAUDIT_INDEXER_TOKENS: `a=${'x'.repeat(16)},b=${'x'.repeat(16)}` }, 'a and b have the same token'],
  [{ BOTAUDIT_INDEXER_TOKENS_DIRECTORY: '/nonexistent' }, 'receiver.tokens_directory: ENOENT'],
])('an indexer that could take nothing, or anything, does not start: %o', async (env, message) => {
  await expect(startIndexer(load(env), () => {})).rejects.toThrow(message);
});
