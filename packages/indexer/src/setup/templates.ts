import { hash } from 'node:crypto';
import { RECORDS_DATASET, REJECTED_DATASET } from '../document/streams.js';
import { type Json, recordMappings, rejectedMappings } from './mappings.js';
import type { SetupOptions } from './options.js';

/** Name of the policy, where ILM rolls indices over. */
export const ILM_POLICY = 'logs-audit';

/** Higher than those that Elasticsearch brings for `logs-*-*` (100) and `logs-*.otel-*` (120). */
const PRIORITY = 500;

/** Fields of one index. What comes after them is kept in the document, but not searchable. */
const FIELD_LIMIT = 1_000;

/** A template as Elasticsearch is sent it. */
interface Template {
  readonly name: string;
  readonly body: Json;
}

/** All templates of one kind of data stream. */
export interface StreamTemplates {
  readonly components: readonly Template[];
  readonly index: Template;
  /** Tells one version of them from another; an index says in its mapping which one it was made from. */
  readonly fingerprint: string;
}

/** Templates of the records and of the rejected ones. */
export function streamTemplates(options: SetupOptions): readonly [records: StreamTemplates, rejected: StreamTemplates] {
  return [
    templatesOf(RECORDS_DATASET, recordMappings, options),
    templatesOf(REJECTED_DATASET, rejectedMappings, { ...options, shards: 1 }),
  ];
}

function templatesOf(
  dataset: string,
  mappings: (fingerprint: string) => Json,
  { lifecycle, retentionDays, shards, replicas }: SetupOptions,
): StreamTemplates {
  const name = `logs-${dataset}`;
  const settings: Json = {
    index: {
      // Records come back as they were written: logsdb, or a source made anew from the fields, would not do that.
      mode: 'standard',
      codec: 'best_compression',
      // Written down, since without it an index that nobody has searched of late is not refreshed.
      refresh_interval: '1s',
      number_of_shards: shards,
      number_of_replicas: replicas,
      mapping: {
        source: { mode: 'stored' },
        total_fields: { limit: FIELD_LIMIT, ignore_dynamic_beyond_limit: true },
        field_name_length: { limit: 512 },
        depth: { limit: 64 },
      },
      ...(lifecycle === 'ilm' && { lifecycle: { name: ILM_POLICY } }),
    },
  };
  const fingerprint = hash('sha256', JSON.stringify([settings, mappings('')])).slice(0, 16);
  const retention: Json = retentionDays === undefined ? {} : { data_retention: `${retentionDays}d` };
  return {
    fingerprint,
    components: [
      { name: `${name}@mappings`, body: { template: { mappings: mappings(fingerprint) } } },
      { name: `${name}@settings`, body: { template: { settings } } },
    ],
    index: {
      name,
      body: {
        index_patterns: [`${name}-*`],
        priority: PRIORITY,
        // What an operator adds stands in the last one, and goes before ours.
        composed_of: [`${name}@mappings`, `${name}@settings`, `${name}@custom`],
        ignore_missing_component_templates: [`${name}@custom`],
        data_stream: {},
        template: {
          ...(lifecycle === 'data-stream' && { lifecycle: { enabled: true, ...retention } }),
          // It answers success for documents that are not where they belong.
          data_stream_options: { failure_store: { enabled: false } },
        },
      },
    },
  };
}

/** The policy of ILM: rolls over by size and age, and deletes only where that was asked for. */
export function ilmPolicy({ retentionDays }: SetupOptions): Json {
  const deletion: Json =
    retentionDays === undefined ? {} : { delete: { min_age: `${retentionDays}d`, actions: { delete: {} } } };
  const rollover: Json = { max_primary_shard_size: '50gb', max_age: '30d' };
  return { policy: { phases: { hot: { min_age: '0ms', actions: { rollover } }, ...deletion } } };
}
