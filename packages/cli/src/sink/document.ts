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
  const ingested = event?.ingested;
  const arrivedMs = typeof ingested === 'string' ? Date.parse(ingested) : Number.NaN;
  return {
    ...lineOf(source),
    place: `document ${id} of ${index}`,
    document: { id, index },
    origin: {
      principal: text(audit?.ingest?.principal),
      service: text(resource?.attributes?.['service.name']),
      host: text(resource?.attributes?.['host.name']),
    },
    arrivedMs: Number.isNaN(arrivedMs) ? undefined : arrivedMs,
  };
}

function lineOf(source: unknown): Pick<Held, 'line' | 'reason' | 'observedMs'> {
  try {
    const record = recordFromDocument(source);
    return { line: canonicalRecord(record), observedMs: Number(record.observedTimestamp) / 1e6 };
  } catch (error) {
    // A value of a kind that no record holds can make either of them stumble, in whatever way.
    return { reason: error instanceof TypeError ? error.message : String(error) };
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
