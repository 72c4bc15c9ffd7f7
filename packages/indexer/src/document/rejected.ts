import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { MAX_RECORD_BYTES } from '@botaudit/record';
import { REJECTED_DATASET } from './streams.js';

/** A record that can't be stored as one, and why. */
export interface Rejection {
  /** Kind of reason: Elasticsearch's type of error, or one of the indexer's own. */
  readonly type: string;
  /** The reason in words. */
  readonly reason: string;
  /** All of it: its canonical form, or what came in its place. */
  readonly original: string;
  readonly eventName?: string | undefined;
  readonly recordId?: string | undefined;
  readonly namespace: string;
  readonly principal: string;
  /** `service.name` of the resource. */
  readonly service?: string | undefined;
}

/** A document and its id. */
export interface IdentifiedDocument {
  readonly id: string;
  /** JSON on one line. */
  readonly document: string;
}

/** Long texts would be of no use for finding a document. */
const FINDABLE_LENGTH = 1024;

/**
 * The document of what was refused. It holds the record as a text that Elasticsearch does not look into, so nothing in it
 * can be a reason to refuse that as well. Its id is the text's SHA-256: for a record the very id it would have had.
 *
 * What is larger than a record may be is held compressed, as base64 of gzip in `original_gzip`: Elasticsearch takes no
 * text of more than 50 million characters, and 9 MB of control characters have more than that once they are escaped.
 */
export function rejectedDocument(rejection: Rejection, at: Date): IdentifiedDocument {
  const { type, reason, original, eventName, recordId, namespace, principal, service } = rejection;
  const short = (text: string | undefined) => text?.slice(0, FINDABLE_LENGTH).toWellFormed();
  const content =
    original.length > MAX_RECORD_BYTES ? { original_gzip: gzipSync(original).toString('base64') } : { original };
  const document = JSON.stringify({
    '@timestamp': at.toISOString(),
    data_stream: { type: 'logs', dataset: REJECTED_DATASET, namespace },
    event_name: short(eventName),
    record_id: short(recordId),
    rejected: { type: short(type), reason: short(reason), ...content },
    service: { name: short(service) },
    event: { ingested: at.toISOString() },
    audit: { ingest: { principal } },
  });
  return { id: hash('sha256', original), document };
}
