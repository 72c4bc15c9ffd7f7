import { type ElasticsearchAccess, TooLargeError } from '../elasticsearch/access.js';
import type { Failure } from '../failure.js';
import { Asking, MAX_ANSWER_BYTES, requireAllShards, TIMEOUT_MS } from './asking.js';

/** A document as a search returns it. */
export interface Hit {
  readonly id: string;
  readonly index: string;
  readonly source: unknown;
  readonly sort: readonly unknown[];
}

/** By what hits are sorted. Elasticsearch adds a last one that no two have in common. */
export type Sort = readonly Readonly<Record<string, object>>[];

/** Which documents, in which order. */
export interface Search {
  readonly query: object;
  readonly sort: Sort;
}

/** Some documents that follow one another. */
export interface Page {
  readonly hits: readonly Hit[];
  /** Whether nothing follows. */
  readonly isLast: boolean;
}

/** A stream, and how many documents it has. */
export interface StreamCount {
  readonly streamId: string;
  readonly documents: number;
}

/** Documents of one answer, at most. */
export const PAGE = 1_000;

/** A few more are asked for than are expected, so that an answer which holds all there are says so. */
const SIZE = PAGE + 24;

/** A record has 256 KiB at most, which escapes could make six times as long. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

const KEEP_ALIVE = '10m';

/**
 * What Elasticsearch held at one moment, as it says: a point in time. Whatever in an answer shows that it is not all that
 * was asked for is a {@link Failure}, never taken for all there is.
 */
export class Snapshot {
  readonly #access: ElasticsearchAccess;
  readonly #pattern: string;
  readonly #signal: AbortSignal | undefined;
  #pit: string;

  private constructor(access: ElasticsearchAccess, pattern: string, pit: string, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#pattern = pattern;
    this.#pit = pit;
    this.#signal = signal;
  }

  /**
   * Opens one.
   *
   * @param pattern names of data streams.
   * @returns `undefined` where there is none.
   * @throws {Failure} when Elasticsearch can't be asked, or refuses.
   */
  static async open(access: ElasticsearchAccess, pattern: string, signal?: AbortSignal): Promise<Snapshot | undefined> {
    const asking = new Asking(access, pattern, signal);
    const path = `/${pattern}/_pit?keep_alive=${KEEP_ALIVE}&ignore_unavailable=false`;
    const { id, _shards } = (await asking.ask('POST', path)) ?? {};
    if (id === undefined) return undefined;
    if (typeof id !== 'string') throw asking.failure('opened no point in time');
    requireAllShards(asking, _shards);
    const snapshot = new Snapshot(access, pattern, id, signal);
    // A pattern that fits nothing is a point in time of nothing.
    return (_shards as { total?: unknown }).total === 0 ? undefined : snapshot;
  }

  /** How many documents there are. @throws {Failure} */
  async count(): Promise<number> {
    const { hits } = await this.#search({ size: 0, track_total_hits: true, query: { match_all: {} } });
    const { value, relation } = (hits as { total?: { value?: unknown; relation?: unknown } }).total ?? {};
    if (typeof value !== 'number' || relation !== 'eq') throw this.#failure('did not say how many documents there are');
    return value;
  }

  /**
   * The next documents of a search.
   *
   * @param after the last one that came before.
   * @throws {Failure}
   */
  async page({ query, sort }: Search, after?: Hit): Promise<Page> {
    for (let size = SIZE; ; size = Math.max(1, size >> 2)) {
      const body = {
        size,
        track_total_hits: false,
        query,
        sort: [...sort, { _shard_doc: 'asc' }],
        ...(after && { search_after: after.sort }),
      };
      try {
        const answer = await this.#search(body, size === 1 ? MAX_DOCUMENT_BYTES : MAX_ANSWER_BYTES);
        const hits = this.#hitsIn(answer, size);
        this.#requireOrder(hits, sort, after);
        return { hits, isLast: hits.length < size };
      } catch (error) {
        if (!(error instanceof TooLargeError)) throw error;
        if (size === 1) throw this.#failure('has a document that is larger than any record');
      }
    }
  }

  /** All documents of a search. @throws {Failure} */
  async *documents(search: Search): AsyncGenerator<Hit, void, undefined> {
    for (let after: Hit | undefined; ; ) {
      const { hits, isLast } = await this.page(search, after);
      yield* hits;
      after = hits.at(-1);
      if (isLast) return;
    }
  }

  /** The values that a keyword has, in order, and how many documents have each. @throws {Failure} */
  async *values(field: string, query: object): AsyncGenerator<StreamCount, void, undefined> {
    for (let after: unknown; ; ) {
      const composite = { size: PAGE, sources: [{ value: { terms: { field } } }], ...(after ? { after } : undefined) };
      const answer = await this.#search({ size: 0, track_total_hits: false, query, aggs: { values: { composite } } });
      const { buckets, after_key } = (answer.aggregations as { values?: Composite } | undefined)?.values ?? {};
      if (!Array.isArray(buckets)) throw this.#failure('did not say which streams there are');
      for (const { key, doc_count: documents } of buckets as readonly Bucket[]) {
        const streamId = key?.value;
        if (typeof streamId !== 'string' || typeof documents !== 'number') {
          throw this.#failure('did not say which streams there are');
        }
        yield { streamId, documents };
      }
      if (buckets.length === 0 || after_key === undefined) return;
      if (after && compare(after_key.value, (after as { value: unknown }).value) <= 0) {
        throw this.#failure('names the same streams again and again');
      }
      after = after_key;
    }
  }

  /** Lets go of it. Never throws: Elasticsearch forgets it by itself. */
  async close(): Promise<void> {
    const options = { body: JSON.stringify({ id: this.#pit }), maxBytes: MAX_ANSWER_BYTES };
    await this.#access.send('DELETE', '/_pit', { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {});
  }

  async #search(body: object, maxBytes = MAX_ANSWER_BYTES): Promise<SearchAnswer> {
    const asking = new Asking(this.#access, this.#pattern, this.#signal);
    const pit = { id: this.#pit, keep_alive: KEEP_ALIVE };
    const path = '/_search?allow_partial_search_results=false';
    const answer = (await asking.ask('POST', path, { ...body, pit }, maxBytes)) as SearchAnswer | undefined;
    if (!answer) throw asking.failure('has forgotten the point in time that it is read at');
    if (answer.timed_out !== false) throw asking.failure('gave up before it had looked at everything (timed_out)');
    if (answer.terminated_early) throw asking.failure('stopped before it had looked at everything (terminated_early)');
    requireAllShards(asking, answer._shards);
    if (typeof answer.pit_id === 'string') this.#pit = answer.pit_id;
    if (typeof answer.hits !== 'object' || answer.hits === null) throw asking.failure('gave no hits');
    return answer;
  }

  #hitsIn({ hits: { hits } }: SearchAnswer, size: number): Hit[] {
    if (!Array.isArray(hits) || hits.length > size) throw this.#failure('gave other hits than it was asked for');
    return (hits as readonly RawHit[]).map(({ _id: id, _index: index, _source: source, sort } = {}) => {
      if (typeof id !== 'string' || typeof index !== 'string' || !Array.isArray(sort) || source === undefined) {
        throw this.#failure('gave a hit without its id, index, source or place');
      }
      return { id, index, source, sort };
    });
  }

  /** What does not come where it says that it belongs could be left out, or come again, without that showing. */
  #requireOrder(hits: readonly Hit[], sort: Sort, after: Hit | undefined): void {
    const directions = [...sort.map((by) => ('order' in Object.values(by)[0]! ? -1 : 1)), 1];
    let last = after;
    for (const hit of hits) {
      if (last && !comesAfter(hit.sort, last.sort, directions)) {
        throw this.#failure(`gave document ${hit.id} out of order: it does not come after ${last.id}`);
      }
      last = hit;
    }
  }

  #failure(what: string): Failure {
    return new Asking(this.#access, this.#pattern, this.#signal).failure(what);
  }
}

interface SearchAnswer {
  readonly timed_out?: unknown;
  readonly terminated_early?: unknown;
  readonly _shards?: unknown;
  readonly pit_id?: unknown;
  readonly hits: { readonly hits?: unknown };
  readonly aggregations?: unknown;
}
interface RawHit {
  readonly _id?: unknown;
  readonly _index?: unknown;
  readonly _source?: unknown;
  readonly sort?: unknown;
}
interface Bucket {
  readonly key?: { readonly value?: unknown };
  readonly doc_count?: unknown;
}
interface Composite {
  readonly buckets?: unknown;
  readonly after_key?: { readonly value: unknown };
}

function comesAfter(sort: readonly unknown[], last: readonly unknown[], directions: readonly number[]): boolean {
  if (sort.length !== directions.length || last.length !== directions.length) return false;
  for (const [index, direction] of directions.entries()) {
    const [value, before] = [sort[index], last[index]];
    // What is missing comes last either way.
    const order = compare(value, before) * (value === null || before === null ? 1 : direction);
    if (order !== 0) return order > 0;
  }
  return false;
}

/** As Elasticsearch sorts keywords (by their bytes) and numbers; what is missing comes last. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string')
    return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  return (a === null ? 1 : 0) - (b === null ? 1 : 0);
}
