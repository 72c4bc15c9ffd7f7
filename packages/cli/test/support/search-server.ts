import { hash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type AttributeMap, parseRecord } from '@botaudit/record';
import { DocumentWriter } from '../../../indexer/src/document/document.js';
import { type Rejection, rejectedDocument } from '../../../indexer/src/document/rejected.js';

/** A document as Elasticsearch keeps it. */
export interface StoredDocument {
  _id: string;
  _index: string;
  _source: Source;
}

interface Source {
  [name: string]: unknown;
  attributes?: Record<string, unknown>;
  event?: { ingested?: string };
}

// biome-ignore lint/suspicious/noExplicitAny: what is made up may be anything.
export type Answer = any;

/** How a request is answered otherwise than it should: changes the answer, or gives a status in its place. */
export type Lie = (answer: Answer, path: string, asked: Answer) => Answer | number | 'silence';

const RECORDS = '.ds-logs-audit.otel-default-2026.11.24-000001';
const REJECTED = '.ds-logs-audit.rejected-default-2026.11.24-000001';

/** How a line is stored. */
export interface StoringOptions {
  readonly at?: number;
  readonly principal?: string;
  readonly resource?: AttributeMap;
  readonly index?: string;
}

/** What answers in the place of Elasticsearch, in as much of its language as is spoken here. It can lie. */
export class SearchServer {
  documents: StoredDocument[] = [];
  rejected: StoredDocument[] = [];
  lie: Lie | undefined;
  /** Requests that were made: method and path. */
  readonly asked: string[] = [];
  readonly headers: Record<string, unknown>[] = [];
  /** How many documents were asked for, each time. */
  readonly sizes: number[] = [];
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    server.on('request', async (request, response) => {
      const body = await text(request);
      const path = request.url ?? '';
      this.asked.push(`${request.method} ${path}`);
      this.headers.push(request.headers);
      const asked = body === '' ? {} : JSON.parse(body);
      if (asked.size > 0) this.sizes.push(asked.size);
      let answer: Answer = this.#answer(path, asked);
      if (this.lie) answer = this.lie(structuredClone(answer), path, asked);
      if (answer === 'silence') return;
      if (typeof answer === 'number') response.writeHead(answer, { location: '/elsewhere' }).end('{}');
      else response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }

  /** @param tls its key and certificate. */
  static async listen(tls?: { key: Buffer; cert: Buffer }): Promise<SearchServer> {
    const server = tls ? createTlsServer(tls) : createServer();
    const made = new SearchServer(server, tls ? 'https' : 'http');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Stores lines as the indexer does. */
  store(lines: readonly string[], options: StoringOptions = {}): void {
    for (const line of lines) this.documents.push(documentOf(line, options));
  }

  /** Stores a line with the rejected ones, as the indexer does. */
  reject(line: string, rejection: Partial<Rejection> = {}): void {
    const all = { type: 'mapper_parsing_exception', reason: 'a test', namespace: 'default', principal: 'test' };
    const { id, document } = rejectedDocument({ ...all, original: line, ...rejection }, new Date());
    this.rejected.push({ _id: id, _index: REJECTED, _source: JSON.parse(document) });
  }

  /** The document of the record with this number of a stream. */
  find(streamId: string, number: number): StoredDocument {
    const found = this.documents.find(({ _source: { attributes = {} } }) => {
      return attributes['audit.sequence.stream_id'] === streamId && attributes['audit.sequence.number'] === number;
    });
    if (!found) throw new Error(`there is no record ${number} of ${streamId}`);
    return found;
  }

  remove(document: StoredDocument): void {
    this.documents = this.documents.filter((each) => each !== document);
  }

  #answer(path: string, asked: Answer): Answer {
    const shards = { total: 1, successful: 1, skipped: 0, failed: 0 };
    const name = path.split('/')[1]?.split('?')[0] ?? '';
    if (path.includes('/_pit?')) {
      const list = this.#list(name);
      return list.length === 0 ? notFound(name) : { id: name, _shards: shards };
    }
    if (path.includes('_mapping')) {
      return Object.fromEntries(this.documents.map(({ _index }) => [_index, { mappings: {} }]));
    }
    if (!path.startsWith('/_search')) return {};
    const { query, sort = [], size, search_after: after, aggs } = asked;
    const matching = this.#list(asked.pit.id).filter(({ _source }) => fits(_source, query));
    const common = { timed_out: false, _shards: shards, pit_id: asked.pit.id };
    if (aggs) return { ...common, hits: { hits: [] }, aggregations: composite(matching, aggs) };
    const placed = matching.map((document, place) => ({ document, sort: sortValues(document, sort, place) }));
    placed.sort((a, b) => compare(a.sort, b.sort, sort));
    const later = after ? placed.filter((each) => compare(each.sort, after, sort) > 0) : placed;
    const hits = later.slice(0, size).map(({ document, sort }) => ({ ...document, sort }));
    return { ...common, hits: { total: { value: matching.length, relation: 'eq' }, hits } };
  }

  #list(name: string): StoredDocument[] {
    return name.startsWith('logs-audit.otel-') ? this.documents : this.rejected;
  }
}

const RESOURCE = { 'service.name': 'test', 'host.name': 'test' };

export function documentOf(line: string, options: StoringOptions = {}): StoredDocument {
  const { at = Date.now(), principal = 'test', resource = RESOURCE, index = RECORDS } = options;
  const ingest = { namespace: 'default', principal, at: new Date(at).toISOString() };
  const writer = new DocumentWriter(resource, ingest);
  return { _id: hash('sha256', line), _index: index, _source: JSON.parse(writer.write(parseRecord(line))) };
}

function notFound(name: string) {
  return { status: 404, error: { type: 'index_not_found_exception', reason: `no such index [${name}]` } };
}

function fieldOf(source: Source, field: string): Answer {
  return field.startsWith('attributes.')
    ? source.attributes?.[field.slice('attributes.'.length)]
    : (source[field] as Answer);
}

/** All values of a field: a list is as many. */
function listOf(source: Source, field: string): Answer[] {
  return [fieldOf(source, field) ?? []].flat();
}

function fits(source: Source, query: Answer): boolean {
  const [[kind, what]] = Object.entries(query) as [[string, Answer]];
  const [[field, wanted] = ['', undefined]] = Object.entries(what) as [string, Answer][];
  switch (kind) {
    case 'match_all':
      return true;
    case 'exists':
      return fieldOf(source, what.field) !== undefined;
    case 'term':
      return listOf(source, field).includes(wanted);
    case 'terms':
      return listOf(source, field).some((value) => wanted.includes(value));
    case 'range': {
      const { gte, gt, lte } = wanted;
      const isWithin = (value: Answer) =>
        (gte === undefined || value >= gte) && (gt === undefined || value > gt) && (lte === undefined || value <= lte);
      return listOf(source, field).some(isWithin);
    }
    case 'bool': {
      const { filter = [], must_not = [] } = what;
      return filter.every((one: Answer) => fits(source, one)) && !must_not.some((one: Answer) => fits(source, one));
    }
  }
  throw new Error(`this server knows no query ${kind}`);
}

function sortValues({ _source }: StoredDocument, sort: Answer[], place: number): unknown[] {
  return sort.map((by) => {
    const [field = ''] = Object.keys(by);
    return field === '_shard_doc' ? place : ([fieldOf(_source, field)].flat()[0] ?? null);
  });
}

function compare(a: Answer[], b: Answer[], sort: Answer[]): number {
  for (const [index, by] of sort.entries()) {
    const [x, y] = [a[index], b[index]];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? 1 : -1;
    const order = x < y ? -1 : 1;
    return (Object.values(by)[0] as Answer)?.order === 'desc' ? -order : order;
  }
  return 0;
}

function composite(documents: StoredDocument[], aggs: Answer): Answer {
  const [[name, { composite }]] = Object.entries(aggs) as [[string, Answer]];
  const field = composite.sources[0].value.terms.field;
  const counts = new Map<string, number>();
  for (const { _source } of documents) {
    for (const value of listOf(_source, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const all = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([value]) => !composite.after || value > composite.after.value);
  const buckets = all.slice(0, composite.size).map(([value, doc_count]) => ({ key: { value }, doc_count }));
  return { [name]: { buckets, ...(buckets.length > 0 && { after_key: buckets.at(-1)?.key }) } };
}
