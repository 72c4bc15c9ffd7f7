import { canonicalRecord, recordFromDocument } from '@botaudit/record';
import type { Held } from './held.js';
import type { Hit } from './snapshot.js';

interface Source {
  readonly event?: { readonly ingested?: unknown };
  readonly audit?: { readonly ingest?: { readonly principal?: unknown } };
  readonly resource?: { readonly attributes?: Readonly<Record<string, unknown>> };
}

/** What a document of Elasticsearch holds. Never throws. */
export function heldInDocument({ id, index, source }: Hit): Held {
  const { event, audit, resource } = (source ?? {}) as Source;
  return {
    ...lineOf(source),
    place: `document ${id} of ${index}`,
    document: { id, index },
    origin: {
      principal: text(audit?.ingest?.principal),
      service: text(resource?.attributes?.['service.name']),
      host: text(resource?.attributes?.['host.name']),
    },
    arrivedMs: millisecondsOf(event?.ingested),
  };
}

function lineOf(source: unknown): Pick<Held, 'line' | 'record' | 'reason' | 'observedMs'> {
  try {
    const record = recordFromDocument(source);
    return { line: canonicalRecord(record), record, observedMs: Number(record.observedTimestamp) / 1e6 };
  } catch (error) {
    // A value of a kind that no record holds can make either of them stumble, in whatever way.
    return { reason: error instanceof TypeError ? error.message : String(error) };
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Records come in batches, each with one time: the last one that was read is likely to be the next. */
let last: { readonly text: unknown; readonly ms: number | undefined } = { text: undefined, ms: undefined };

function millisecondsOf(text: unknown): number | undefined {
  if (text === last.text) return last.ms;
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  last = { text, ms: Number.isNaN(ms) ? undefined : ms };
  return last.ms;
}
