import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A document as it arrived, with the stream that it is for. */
export interface Arrived {
  readonly stream: string;
  readonly id: string;
  readonly document: string;
}

/** What is said to one document: its status, with the type of the error. */
export interface Saying {
  readonly status: number;
  readonly type?: string;
  readonly reason?: string;
  readonly failureStore?: string;
}

/** What is said to a whole bulk request in place of its items. */
interface WholeAnswer {
  readonly status: number;
  readonly body: string;
  /** Without it the answer is not that of Elasticsearch. Default: true. */
  readonly isElasticsearch?: boolean;
}

/** Says what to answer to a bulk request. Default: 201 to each document that is not there yet, else 409. */
export type Behaviour = (
  documents: readonly Arrived[],
  request: number,
) => Saying[] | WholeAnswer | 'silence' | undefined;

/** The little of Elasticsearch that the indexer talks to, for answers which a real one can't be made to give. */
export class FakeElasticsearch {
  behaviour: Behaviour = () => undefined;
  /** What stands in the mapping; without it nothing is set up. */
  isSetUp = true;
  readonly requests: Arrived[][] = [];
  readonly #stored = new Map<string, string>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<FakeElasticsearch> {
    const fake = new FakeElasticsearch();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      fake.#server.close();
      fake.#server.closeAllConnections();
    });
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Documents of a stream by id. */
  stored(stream: string): Map<string, string> {
    const start = `${stream}/`;
    const found = [...this.#stored].filter(([key]) => key.startsWith(start));
    return new Map(found.map(([key, document]) => [key.slice(start.length), document]));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const url = new URL(request.url ?? '', 'http://fake');
    const stream = url.pathname.split('/')[1] ?? '';
    if (url.pathname.endsWith('/_mapping')) {
      const mappings = {
        _data_stream_timestamp: {},
        ...(this.isSetUp && { _meta: { botaudit: { fingerprint: 'x' } } }),
      };
      return send(response, 200, JSON.stringify({ [`.ds-${stream}-000001`]: { mappings } }));
    }
    const documents = parse(stream, body);
    this.requests.push(documents);
    const answer = this.behaviour(documents, this.requests.length - 1);
    if (answer === 'silence') return;
    if (answer && !Array.isArray(answer)) return send(response, answer.status, answer.body, answer.isElasticsearch);
    const items = documents.map((document, index) => this.#create(document, answer?.[index]));
    send(response, 200, JSON.stringify({ errors: items.some(({ create }) => 'error' in create), items }));
  }

  #create({ stream, id, document }: Arrived, said: Saying | undefined) {
    const key = `${stream}/${id}`;
    const { status, type, reason, failureStore } = said ?? { status: this.#stored.has(key) ? 409 : 201 };
    if (status === 201) this.#stored.set(key, document);
    if (status < 300) return { create: { status, ...(failureStore && { failure_store: failureStore }) } };
    return { create: { status, error: { type: type ?? 'some_exception', reason: reason ?? 'because' } } };
  }
}

function parse(stream: string, body: string): Arrived[] {
  const lines = body.trimEnd().split('\n');
  return Array.from({ length: lines.length / 2 }, (_, index) => {
    const { create } = JSON.parse(lines[2 * index] as string) as { create: { _id: string } };
    return { stream, id: create._id, document: lines[2 * index + 1] as string };
  });
}

function send(response: ServerResponse, status: number, body: string, isElasticsearch = true): void {
  const product = isElasticsearch ? { 'x-elastic-product': 'Elasticsearch' } : {};
  const type = body.startsWith('{') ? 'application/json' : 'text/html';
  response.writeHead(status, { 'content-type': type, ...product });
  response.end(body);
}
