import { Client, type ClientOptions, errors } from '@elastic/elasticsearch';
import type { ElasticsearchError } from '../metrics/table.js';
import { connectionProblem } from './connection-problem.js';

/** Where Elasticsearch is, and who asks. */
export interface Connection {
  /** Addresses of its nodes. */
  readonly urls: readonly string[];
  /** Base64 of id and key, as Elasticsearch gives it out. Secret. */
  readonly apiKey?: string | undefined;
  readonly username?: string | undefined;
  /** Secret. */
  readonly password?: string | undefined;
  /** Certificates (PEM) that the nodes' are checked against. Default: those that Node trusts. */
  readonly certificate?: string | undefined;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** What Elasticsearch says to one document of a bulk request. */
export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
  /** `used` when the document went to the failure store instead. */
  readonly failureStore?: string | undefined;
}

/** An answer as it came. */
export interface ClusterAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request to Elasticsearch was not carried out as a whole. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly kind: ElasticsearchError;
  /** Of the answer; `undefined` when there was none. */
  readonly status: number | undefined;

  constructor(kind: ElasticsearchError, status: number | undefined, message: string) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

/** Plain JSON, which releases 8 and 9 both take; by default the client asks for the compatibility of its own release. */
const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

/** Of the answer to a bulk request, what is needed. */
const ITEM_FIELDS = ['status', 'error.type', 'error.reason', 'error.caused_by.reason', 'failure_store'];
const FILTER = ['errors', ...ITEM_FIELDS.map((field) => `items.create.${field}`)].join();

/** Elasticsearch, through the official client. */
export class Cluster {
  readonly #client: Client;
  readonly #closing = new AbortController();

  constructor({ urls, apiKey, username, password, certificate, timeoutMs }: Connection) {
    const options: ClientOptions = {
      nodes: [...urls],
      requestTimeout: timeoutMs,
      // What is tried again, and when, is decided where the memory is counted.
      maxRetries: 0,
      // By default an error gets a copy of its request without secrets, made member by member: for a body of 4 MiB that
      // takes 250 MB and a second.
      redaction: { type: 'remove' },
    };
    if (apiKey !== undefined) options.auth = { apiKey };
    else if (username !== undefined && password !== undefined) options.auth = { username, password };
    if (certificate !== undefined) options.tls = { ca: certificate };
    this.#client = new Client(options);
  }

  /**
   * Creates documents.
   *
   * @param lines for each document a line with `create` and its id, and a line with the document.
   * @param count how many documents that is.
   * @returns an item for each, in the same order.
   * @throws {ClusterError} when the request as a whole was not carried out, so far as is known.
   */
  async create(stream: string, lines: Buffer, count: number): Promise<readonly BulkItem[]> {
    const path = `/${stream}/_bulk`;
    // The reason must not quote the document: it stands in logs and in the rejected copy's findable part.
    const querystring = { require_data_stream: true, include_source_on_error: false, filter_path: FILTER };
    const { body, status } = await this.#send({ method: 'POST', path, querystring, bulkBody: lines });
    const items = itemsOf(body);
    if (items?.length === count) return items;
    throw new ClusterError(
      'unexpected',
      status,
      'the answer to a bulk request does not have an item for each document',
    );
  }

  /**
   * Sends any other request.
   *
   * @param ignore statuses that are no error.
   * @throws {ClusterError}
   */
  async request(method: string, path: string, body?: object, ignore: readonly number[] = []): Promise<ClusterAnswer> {
    return this.#send({ method, path, ...(body && { body }) }, ignore);
  }

  /** Ends, and with it what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client.close();
  }

  async #send(
    params: { method: string; path: string; querystring?: object; body?: object; bulkBody?: Buffer },
    ignore: readonly number[] = [],
  ): Promise<ClusterAnswer> {
    try {
      const answer = await this.#client.transport.request(params as Parameters<Client['transport']['request']>[0], {
        headers: HEADERS,
        signal: this.#closing.signal,
        ignore: [...ignore],
        meta: true,
      });
      return { status: answer.statusCode ?? 0, body: answer.body };
    } catch (error) {
      throw clusterError(error as Error);
    }
  }
}

function clusterError(error: Error): ClusterError {
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 0;
    // What something else answers, such as a proxy's page, is no line for a log.
    const reason = reasonOf(error.body) ?? 'no reason was given as Elasticsearch gives one; is it Elasticsearch?';
    return new ClusterError(kindOf(status), status, `HTTP ${status}: ${reason}`);
  }
  if (error instanceof errors.TimeoutError) return new ClusterError('timeout', undefined, error.message);
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    return new ClusterError('unavailable', undefined, connectionProblem(error.message));
  }
  return new ClusterError('unexpected', undefined, `${error.name}: ${error.message}`);
}

/** What a status means for whoever sent the request. */
export function kindOf(status: number): ElasticsearchError {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_set_up';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unavailable' : 'unexpected';
}

function reasonOf(body: unknown): string | undefined {
  const error = (body as { error?: { reason?: unknown } | string } | null | undefined)?.error;
  const reason = typeof error === 'string' ? error : error?.reason;
  return typeof reason === 'string' ? reason.slice(0, 500) : undefined;
}

interface RawItem {
  readonly status?: unknown;
  readonly error?: { readonly type?: unknown; readonly reason?: unknown; readonly caused_by?: { reason?: unknown } };
  readonly failure_store?: unknown;
}

function itemsOf(body: unknown): BulkItem[] | undefined {
  const items = (body as { items?: unknown } | null | undefined)?.items;
  return Array.isArray(items)
    ? items.map((item: { create?: RawItem } | null) => itemOf(item?.create ?? {}))
    : undefined;
}

function itemOf({ status, error, failure_store }: RawItem): BulkItem {
  const failureStore = typeof failure_store === 'string' ? failure_store : undefined;
  if (!error) return { status: Number(status), failureStore };
  const reasons = [error.reason, error.caused_by?.reason].filter((reason) => typeof reason === 'string');
  return { status: Number(status), error: { type: String(error.type), reason: reasons.join(': ') }, failureStore };
}
