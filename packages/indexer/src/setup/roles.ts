import { RECORDS_DATASET, REJECTED_DATASET } from '../document/streams.js';
import type { Json } from './mappings.js';

const STREAMS = [`logs-${RECORDS_DATASET}-*`, `logs-${REJECTED_DATASET}-*`];

/** A role as Elasticsearch is sent it. */
export interface Role {
  readonly name: string;
  /** What for, in words. */
  readonly description: string;
  readonly body: Json;
}

function role(name: string, description: string, cluster: readonly string[], privileges: readonly string[]): Role {
  return { name, description, body: { cluster, indices: [{ names: STREAMS, privileges }] } };
}

/** Who may do what. Nobody may change a record, and nobody but who sets up may delete, whole indices only. */
export const ROLES: readonly Role[] = [
  // auto_configure: a record may bring a key that is new to the mapping. view_index_metadata: whether it is set up.
  role(
    'audit-writer',
    'The indexer: adds records, and can not read, change or delete them.',
    [],
    ['create_doc', 'auto_configure', 'view_index_metadata'],
  ),
  role(
    'audit-auditor',
    'People and programs that read records, and can not write.',
    [],
    ['read', 'view_index_metadata'],
  ),
  // create_doc: where there is no other way, a data stream comes into being with the first document.
  role(
    'audit-setup',
    'Sets up templates, lifecycle and data streams; the only one that can delete an index.',
    ['monitor', 'manage_index_templates', 'manage_ilm', 'read_security'],
    ['manage', 'create_doc'],
  ),
];
