import { ATTR_AUDIT_RECORD_ID } from '@botaudit/record';
import type { Superuser } from '../../../scripts/stack/part.ts';
import { changed } from '../indexers.ts';

/** Records as they were sent: the id that each has in Elasticsearch, its hash, and its `audit.record.id`. */
export type Sent = ReadonlyMap<string, string>;

/** What became of records. */
export interface Balance {
  readonly sent: number;
  /** Those that Elasticsearch gives back, byte by byte. */
  readonly stored: number;
  /** Those that stand with the rejected ones, by the type of the reason. */
  readonly rejected: ReadonlyMap<string, number>;
  /** `audit.record.id` of those that are nowhere. */
  readonly lost: readonly string[];
  /** Documents of records that were sent, beside the first one for each `audit.record.id`. */
  readonly duplicates: number;
}

interface Document {
  readonly _id: string;
  readonly _source: unknown;
}

/** All that a namespace holds. */
export class Holdings {
  /** Documents of records: id, and `audit.record.id`. */
  readonly #records: readonly (readonly [id: string, recordId: unknown])[];
  /** Documents of rejected records: id, and the type of the reason. */
  readonly #rejected: ReadonlyMap<string, string>;
  /** Ids of documents that do not give their record back byte by byte. */
  readonly changed: readonly string[];

  private constructor(
    records: readonly (readonly [string, unknown])[],
    rejected: ReadonlyMap<string, string>,
    changedOnes: readonly string[],
  ) {
    this.#records = records;
    this.#rejected = rejected;
    this.changed = changedOnes;
  }

  static async of(node: Superuser, namespace: string): Promise<Holdings> {
    const records: (readonly [string, unknown])[] = [];
    const changedOnes: string[] = [];
    // There may be hundreds of thousands: no more is kept of them than what is counted.
    for await (const page of pagesOf(node, `logs-audit.otel-${namespace}`)) {
      changedOnes.push(...changed(page));
      for (const { _id, _source } of page) {
        const { attributes } = _source as { readonly attributes: Readonly<Record<string, unknown>> };
        records.push([_id, attributes[ATTR_AUDIT_RECORD_ID]]);
      }
    }
    const rejected = new Map<string, string>();
    for await (const page of pagesOf(node, `logs-audit.rejected-${namespace}`)) {
      for (const { _id, _source } of page) {
        rejected.set(_id, (_source as { readonly rejected: { readonly type: string } }).rejected.type);
      }
    }
    return new Holdings(records, rejected, changedOnes);
  }

  /** Ids of documents of records that were not sent. */
  besides(sent: Sent): string[] {
    return [...this.#records.map(([id]) => id), ...this.#rejected.keys()].filter((id) => !sent.has(id));
  }

  /** How many rejected ones are none of the records that were sent, as far as those could be read. */
  unreadable(sent: Sent): number {
    return [...this.#rejected.keys()].filter((id) => !sent.has(id)).length;
  }

  balance(sent: Sent): Balance {
    const records = this.#records.filter(([id]) => sent.has(id));
    const stored = new Set(records.map(([id]) => id));
    const distinct = new Set(records.map(([, recordId]) => recordId));
    const rejected = new Map<string, number>();
    const lost: string[] = [];
    for (const [id, recordId] of sent) {
      if (stored.has(id)) continue;
      const reason = this.#rejected.get(id);
      if (reason === undefined) lost.push(recordId);
      else rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
    }
    return { sent: sent.size, stored: stored.size, rejected, lost, duplicates: records.length - distinct.size };
  }
}

/** How many documents both streams of a namespace hold. */
export async function countOf(node: Superuser, namespace: string): Promise<number> {
  const streams = `logs-audit.otel-${namespace},logs-audit.rejected-${namespace}`;
  await node.request('POST', `/${streams}/_refresh`);
  const answer = await node.request('GET', `/${streams}/_count`);
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { count: number }).count;
}

interface Page {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly Document[] };
}

async function* pagesOf(node: Superuser, stream: string): AsyncGenerator<readonly Document[], void, undefined> {
  const page = async (path: string, body: object): Promise<Page> => {
    const answer = await node.request('POST', path, body);
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Page;
  };
  await node.request('POST', `/${stream}/_refresh`);
  let { _scroll_id: scroll, hits } = await page(`/${stream}/_search?scroll=1m`, { size: 1_000, sort: ['_doc'] });
  while (hits.hits.length > 0) {
    yield hits.hits;
    ({ _scroll_id: scroll, hits } = await page('/_search/scroll', { scroll: '1m', scroll_id: scroll }));
  }
  await node.request('DELETE', '/_search/scroll', { scroll_id: scroll });
}
