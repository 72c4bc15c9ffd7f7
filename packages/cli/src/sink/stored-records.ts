import { type Hit, PAGE, type Search, type Snapshot, type Sort, type StreamCount } from './snapshot.js';

const STREAM = 'attributes.audit.sequence.stream_id';
const NUMBER = 'attributes.audit.sequence.number';
const ORDER: Sort = [{ [STREAM]: {} }, { [NUMBER]: {} }];

const HAS_PLACE = { bool: { filter: [{ exists: { field: STREAM } }, { exists: { field: NUMBER } }] } };
const CHECKPOINT = { term: { event_name: 'audit.checkpoint' } };
/** Events whose records say something of other streams. */
const TELLING = ['audit.stream.opened', 'audit.stream.recovered', 'audit.retention.applied'];

/** Documents that carry checkpoints, by the stream whose they are. */
export const CHECKPOINTS: Search = {
  query: { bool: { filter: [CHECKPOINT], must_not: [{ exists: { field: NUMBER } }] } },
  sort: [{ 'attributes.audit.target.id': {} }],
};

/** Records that say something of other streams, the newest first. */
export const TESTIMONIES: Search = {
  query: { terms: { event_name: TELLING } },
  sort: [{ observed_timestamp: { order: 'desc', format: 'strict_date_optional_time_nanos' } }],
};

/** Documents that have no place in a stream, and carry no checkpoint. */
export const WITHOUT_PLACE: Search = { query: { bool: { must_not: [HAS_PLACE, CHECKPOINTS.query] } }, sort: [] };

/** All documents, in no order. */
export const EVERYTHING: Search = { query: { match_all: {} }, sort: [] };

/**
 * All documents that have a place in a stream, stream by stream and by number. They are asked for in portions which
 * Elasticsearch finds by its indices; to sort all of them for each page would take the longer the more there are.
 *
 * @param jobs how many requests are under way at a time.
 * @throws {Failure} when not all can be read.
 */
export async function* recordsInOrder(snapshot: Snapshot, jobs: number): AsyncGenerator<Hit, void, undefined> {
  for await (const { search, page } of ahead(portions(snapshot), jobs, (search) => snapshot.page(search))) {
    let { hits, isLast } = page;
    yield* hits;
    while (!isLast) {
      ({ hits, isLast } = await snapshot.page(search, hits.at(-1)));
      yield* hits;
    }
  }
}

async function* portions(snapshot: Snapshot): AsyncGenerator<Search, void, undefined> {
  let small: StreamCount[] = [];
  let documents = 0;
  for await (const stream of snapshot.values(STREAM, HAS_PLACE)) {
    if (documents + stream.documents > PAGE && small.length > 0) {
      yield streams(small);
      small = [];
      documents = 0;
    }
    if (stream.documents > PAGE) yield* numbers(stream);
    else {
      small.push(stream);
      documents += stream.documents;
    }
  }
  if (small.length > 0) yield streams(small);
}

/** Whole streams that follow one another. */
function streams(list: readonly StreamCount[]): Search {
  const range = { gte: list[0]?.streamId, lte: list.at(-1)?.streamId };
  return { query: { bool: { filter: [{ range: { [STREAM]: range } }, HAS_PLACE] } }, sort: ORDER };
}

/** A stream in parts. The last one is of whatever is beyond the numbers that it should have, going by its size. */
function* numbers({ streamId, documents }: StreamCount): Generator<Search, void, undefined> {
  const part = (range: object): Search => {
    const filter = [{ term: { [STREAM]: streamId } }, { range: { [NUMBER]: range } }];
    return { query: { bool: { filter } }, sort: ORDER };
  };
  yield part({ lte: PAGE });
  let to = PAGE;
  for (; to < documents; to += PAGE) yield part({ gt: to, lte: to + PAGE });
  yield part({ gt: to });
}

/** First pages of searches, in order, of which some are fetched ahead. */
async function* ahead<P>(
  searches: AsyncIterable<Search>,
  jobs: number,
  fetch: (search: Search) => Promise<P>,
): AsyncGenerator<{ search: Search; page: P }, void, undefined> {
  const underWay: { search: Search; page: Promise<P> }[] = [];
  const next = async () => {
    const { search, page } = underWay.shift()!;
    return { search, page: await page };
  };
  for await (const search of searches) {
    const page = fetch(search);
    // It is awaited in its turn; till then it is not unhandled.
    page.catch(() => {});
    underWay.push({ search, page });
    if (underWay.length > jobs) yield await next();
  }
  while (underWay.length > 0) yield await next();
}
