import {
  ELASTICSEARCH_ERRORS,
  INDEXER_BOOTSTRAP_VARIABLES,
  INDEXER_CONFIG_OPTIONS,
  INDEXER_METRICS,
  type IndexerMetricDefinition,
  KAFKA_ERRORS,
  KAFKA_MESSAGES,
  RECORD_RESULTS,
  REFUSALS,
  setupFiles,
} from '@botaudit/indexer';
import { code, heading, table } from './markdown.ts';

type Option = (typeof INDEXER_CONFIG_OPTIONS)[number];

function defaultOf({ default: value, otherwise }: Pick<Option, 'default' | 'otherwise'>): string {
  if (otherwise !== undefined) return otherwise;
  return typeof value === 'object' ? 'none' : code(String(value));
}

const meanings = (words: Readonly<Record<string, string>>) =>
  table(
    ['value', 'meaning'],
    Object.entries(words).map(([word, meaning]) => [code(word), meaning]),
  );

/** Configuration and metrics of the indexer. */
export function indexerPage(): string {
  return [
    heading('The indexer', 'packages/indexer/src/config/schema.ts and packages/indexer/src/metrics/table.ts'),
    '## Configuration\n',
    'Options stand in `botaudit-indexer.yaml` in the working folder, or in the file that `BOTAUDIT_INDEXER_CONFIG` names, ' +
      'and in the environment; a variable wins over the file. An unknown key or a wrong value stops the start with file, ' +
      'line, key and what is allowed.\n',
    table(
      ['key', 'variable', 'type', 'default', 'meaning'],
      INDEXER_CONFIG_OPTIONS.map((option) => [
        code(option.key),
        code(option.env ?? ''),
        option.type,
        defaultOf(option),
        option.description,
      ]),
    ),
    '\nIn the environment alone:\n',
    table(
      ['variable', 'type', 'default', 'meaning'],
      INDEXER_BOOTSTRAP_VARIABLES.map(({ env, type, otherwise, description }) => [
        code(env),
        type,
        otherwise,
        description,
      ]),
    ),
    '\n## Metrics\n',
    'Served to Prometheus at `/metrics` of the address `metrics`. No label holds the id of a person; a metric has at most ' +
      '500 label sets, what comes after them is counted as `other`.\n',
    table(
      ['metric', 'type', 'unit', 'labels', 'meaning'],
      Object.entries<IndexerMetricDefinition>(INDEXER_METRICS).map(([name, { type, unit, labels, help }]) => [
        code(name),
        type,
        code(unit),
        labels.map(code).join(', '),
        help,
      ]),
    ),
    '\n### `result` of `audit_indexer_records_total`\n',
    meanings(RECORD_RESULTS),
    '\n### `reason` of `audit_indexer_requests_refused_total`\n',
    meanings(REFUSALS),
    '\n### `reason` of `audit_indexer_elasticsearch_errors_total`\n',
    meanings(ELASTICSEARCH_ERRORS),
    '\n### `result` of `audit_indexer_kafka_messages_total`\n',
    meanings(KAFKA_MESSAGES),
    '\n### `reason` of `audit_indexer_kafka_errors_total`\n',
    meanings(KAFKA_ERRORS),
  ].join('\n');
}

/** What `botaudit index --setup` sends to Elasticsearch, as files: by path. */
export function elasticsearchFiles(): Record<string, () => string> {
  return Object.fromEntries(
    setupFiles().map(({ path, body }) => [
      `collector-config/elasticsearch/${path}`,
      () => JSON.stringify(body, undefined, 2),
    ]),
  );
}
