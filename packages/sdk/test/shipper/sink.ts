import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { canonicalRecord, recordFromOtlp } from '@botaudit/record';
import { onTestFinished } from 'vitest';
import { recordId } from './journal.ts';
import { requestFromProtobuf } from './otlp-protobuf.ts';

/** One request as it arrived. */
export interface Arrived {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** The records in it, as canonical lines. */
  readonly lines: readonly string[];
  readonly resource: unknown;
  /** Settles when its connection is gone, or it was answered. */
  readonly over: Promise<unknown>;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The records taken of those that arrived. Default: all with a status 200 and no body of its own, else none. */
  readonly taken?: readonly string[];
  /** `reset` breaks the connection in the middle of the answer, `silence` never answers, `trickle` never comes to an end. */
  readonly failure?: 'reset' | 'silence' | 'trickle';
}

/** Says what to answer to a request; `index` counts them from 0. */
export type Behaviour = (request: Arrived, index: number) => Reply | Promise<Reply>;

export const accept: Behaviour = () => ({});
export const refuse = (status: number, message = 'no'): Reply => ({
  status,
  body: JSON.stringify({ code: 3, message }),
});

/** An OTLP receiver that answers as the test wants. What it takes and doesn't refuse is what has been delivered. */
export class Sink {
  behaviour: Behaviour;
  readonly requests: Arrived[] = [];
  /** Every line taken, as often as it came. */
  readonly taken: string[] = [];
  /** How many connections were made. */
  connections = 0;
  readonly #server: Server;

  private constructor(behaviour: Behaviour, tls?: ServerOptions) {
    this.behaviour = behaviour;
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => void this.#answer(request.headers, Buffer.concat(chunks), response));
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
    this.#server.on('connection', () => this.connections++);
  }

  static async start(behaviour: Behaviour = accept, { port = 0, tls }: { port?: number; tls?: ServerOptions } = {}) {
    const sink = new Sink(behaviour, tls);
    await new Promise<void>((resolve) => sink.#server.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => sink.stop());
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${'setSecureContext' in this.#server ? 'https' : 'http'}://127.0.0.1:${this.port}/v1/audit`;
  }

  get takenIds(): Set<string> {
    return new Set(this.taken.map(recordId));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse): Promise<void> {
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const json = headers['content-type'] === 'application/json';
    const over = once(response, 'close');
    const request = { at: performance.now(), headers, ...read(plain, json), over };
    this.requests.push(request);
    const reply = await this.behaviour(request, this.requests.length - 1);
    if (reply.failure === 'silence') return;
    const { status = 200 } = reply;
    const fits = status === 200 && reply.body === undefined && reply.failure === undefined;
    this.taken.push(...(reply.taken ?? (fits ? request.lines : [])));
    response.writeHead(status, { 'content-type': String(headers['content-type']), ...reply.headers });
    const success = json ? '{"partialSuccess":{}}' : '';
    if (reply.failure === 'trickle') {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    } else if (reply.failure === 'reset') {
      response.write('{"partialSuc');
      response.socket?.resetAndDestroy();
    } else response.end(reply.body ?? success);
  }
}

interface Request {
  readonly resourceLogs: readonly {
    readonly resource: unknown;
    readonly scopeLogs: readonly { readonly logRecords: readonly unknown[] }[];
  }[];
}

function read(body: Buffer, json: boolean): Pick<Arrived, 'lines' | 'resource'> {
  const { resourceLogs } = (json ? JSON.parse(body.toString('utf8')) : requestFromProtobuf(body)) as Request;
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
  const lines = records.map((record) => canonicalRecord(recordFromOtlp(record)));
  return { lines, resource: resourceLogs[0]?.resource };
}
