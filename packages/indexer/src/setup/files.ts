import type { Json } from './mappings.js';
import { DEFAULT_SETUP, type SetupOptions } from './options.js';
import { ROLES } from './roles.js';
import { ILM_POLICY, ilmPolicy, streamTemplates } from './templates.js';

/** A file for who sets up Elasticsearch by other means. */
export interface SetupFile {
  /** Below `collector-config/elasticsearch/`. */
  readonly path: string;
  readonly body: Json;
}

/** Daily snapshots, kept for a year, into a repository that the operator has registered. */
const SNAPSHOT_POLICY: Json = {
  schedule: '0 30 1 * * ?',
  name: '<logs-audit-{now/d}>',
  repository: 'audit-snapshots',
  config: { indices: ['logs-audit.*'], include_global_state: false },
  retention: { expire_after: '400d', min_count: 30, max_count: 500 },
};

/** What `setUp` sends, as files; `ilm/` holds what is other where ILM does the rolling over. */
export function setupFiles(options: SetupOptions = DEFAULT_SETUP): readonly SetupFile[] {
  return [
    ...templateFiles('', { ...options, lifecycle: 'data-stream' }),
    ...templateFiles('ilm/', { ...options, lifecycle: 'ilm' }).filter(({ path }) => !path.includes('@mappings')),
    { path: `ilm/ilm-policies/${ILM_POLICY}.json`, body: ilmPolicy(options) },
    ...ROLES.map(({ name, body }) => ({ path: `roles/${name}.json`, body })),
    { path: 'snapshot-policies/logs-audit.json', body: SNAPSHOT_POLICY },
  ];
}

function templateFiles(folder: string, options: SetupOptions): SetupFile[] {
  return streamTemplates(options).flatMap(({ components, index }) => [
    ...components.map(({ name, body }) => ({ path: `${folder}component-templates/${name}.json`, body })),
    { path: `${folder}index-templates/${index.name}.json`, body: index.body },
  ]);
}
