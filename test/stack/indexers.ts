import { hash } from 'node:crypto';
import { loadIndexerConfig, type RunningIndexer, runSetup, startIndexer } from '@botaudit/indexer';
import { type AuditRecord, canonicalRecord, recordFromDocument } from '@botaudit/record';
import { onTestFinished } from 'vitest';
import type { Elasticsearch } from '../../scripts/stack/parts/elasticsearch.ts';
import { receiving } from '../support/receiving.ts';

export const INDEXER_TOKEN = 'token-of-payments';

/** Variables of an indexer on loopback, that a service `payments` may send to. */
function variables(node: Elasticsearch, env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    BOTAUDIT_INDEXER_ELASTICSEARCH_URL: node.url,
    BOTAUDIT_INDEXER_LISTEN: '127.0.0.1:0',
    BOTAUDIT_INDEXER_METRICS: '127.0.0.1:0',
    BOTAUDIT_INDEXER_TOKENS: `payments=${INDEXER_TOKEN}`,
    ...env,
  };
}

/** Sets up Elasticsearch, as its superuser. */
export function setUp(node: Elasticsearch, { dryRun = false, env = {} }: { dryRun?: boolean; env?: object } = {}) {
  const superuser = {
    BOTAUDIT_INDEXER_SETUP_USERNAME: node.username,
    BOTAUDIT_INDEXER_SETUP_PASSWORD: node.password,
    BOTAUDIT_INDEXER_REPLICAS: '0',
  };
  return runSetup({ dryRun, env: variables(node, { ...superuser, ...env }), cwd: '/nonexistent' });
}

/** Starts an indexer that writes with `apiKey`, and is stopped when the test has ended. */
export async function startWriter(
  node: Elasticsearch,
  apiKey: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningIndexer & { readonly url: string }> {
  const own = { BOTAUDIT_INDEXER_ELASTICSEARCH_API_KEY: apiKey, ...env };
  const indexer = await startIndexer(loadIndexerConfig({ env: variables(node, own), cwd: '/nonexistent' }), () => {});
  onTestFinished(() => indexer.stop());
  return receiving(indexer);
}

/** The id that a record has in Elasticsearch: its hash. */
export const idOf = (record: AuditRecord) => hash('sha256', canonicalRecord(record));

/** The ids of documents whose record, made again from what Elasticsearch returns, does not have that id as its hash. */
export function changed(documents: readonly { readonly _id: string; readonly _source: unknown }[]): string[] {
  return documents.filter(({ _id, _source }) => idOf(recordFromDocument(_source)) !== _id).map(({ _id }) => _id);
}
