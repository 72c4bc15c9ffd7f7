import type { ElasticsearchError } from '../metrics/table.js';
import { type BulkItem, kindOf } from './cluster.js';

/** What is to be done with a document after Elasticsearch has answered. */
export type Verdict =
  /** It is there now. */
  | { readonly kind: 'stored' }
  /** Its id, the hash of the very same bytes, was there already. */
  | { readonly kind: 'known' }
  /** It will never be taken as it is. */
  | { readonly kind: 'refused'; readonly type: string; readonly reason: string }
  /** It may be taken later. */
  | { readonly kind: 'later'; readonly error: ElasticsearchError; readonly reason: string };

/** Errors that come with the status 400 and say nothing of the document. */
const NOT_THE_DOCUMENT: ReadonlySet<string> = new Set([
  // Among others: the cluster has as many shards as it may have.
  'validation_exception',
  'index_closed_exception',
  'cluster_block_exception',
  'invalid_index_name_exception',
]);

/** What Elasticsearch says to one document, as the table in the README has it. */
export function verdictOf({ status, error, failureStore }: BulkItem): Verdict {
  const { type = 'unknown', reason = 'no reason given' } = error ?? {};
  if (status === 201 && failureStore !== 'used') return { kind: 'stored' };
  // The failure store answers success for what it took, which is not where records belong.
  if (status === 201) return { kind: 'refused', type: 'failure_store', reason: 'it went to the failure store' };
  if (status === 409) return { kind: 'known' };
  if (status === 400 && !NOT_THE_DOCUMENT.has(type)) return { kind: 'refused', type, reason };
  return { kind: 'later', error: kindOf(status), reason: `${status} ${type}: ${reason}` };
}
