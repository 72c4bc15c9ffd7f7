import { once } from 'node:events';
import { unwatchFile, watchFile } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readTlsFiles, type TlsFiles } from '../config/tls-files.js';
import { NotStoredError } from '../elasticsearch/delivery.js';
import type { Acceptance, Intake, Sender } from '../intake.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { IndexerMetrics } from '../metrics/metrics.js';
import { type Encoding, encodingOf, failure, success } from '../otlp/answer.js';
import { visitJson } from '../otlp/json.js';
import { visitProtobuf } from '../otlp/protobuf.js';
import { NotOtlpError } from '../otlp/received.js';
import type { Source } from '../source.js';
import { Body } from './body.js';
import type { Principals } from './principals.js';
import { notOtlp, RefusedError, unavailable } from './refused-error.js';
import { Turns } from './turns.js';

/** How records are received. */
export interface ReceiverOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  /** Folder that is watched for changes of the tokens. */
  readonly tokensDirectory?: string | undefined;
  /** Bytes that a request may have, also once decompressed. */
  readonly maxRequestBytes: number;
  /** How long a request may wait for Elasticsearch, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a {@link Receiver} needs around it. */
export interface ReceiverContext {
  readonly intake: Intake;
  readonly principals: Principals;
  readonly budget: MemoryBudget;
  readonly metrics: IndexerMetrics;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
}

const PATHS: ReadonlySet<string> = new Set(['/v1/audit', '/v1/logs']);
const WATCH_INTERVAL_MS = 5_000;
/** How long a sender may take for its request: a slow one must not hold memory for ever. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than what load balancers and collectors keep a connection for, so that none is closed under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** How long a sender has to read that there is no memory for its request, before the connection is closed. */
const LINGER_MS = 1_000;
/** Seconds after which a sender may come again; several of them not all at once. */
const RETRY_AFTER = { least: 1, most: 5 } as const;

/** Takes records over OTLP/HTTP, and answers once Elasticsearch has them. */
export class Receiver implements Source {
  readonly #options: ReceiverOptions;
  readonly #context: ReceiverContext;
  readonly #server: Server | TlsServer;
  readonly #turns = new Turns();
  readonly #watched: string[];
  #isStopping = false;
  #busy = 0;
  #idle: (() => void) | undefined;

  /** @throws {TlsFilesError} when a file of TLS can't be used. */
  constructor(options: ReceiverOptions, context: ReceiverContext) {
    this.#options = options;
    this.#context = context;
    const { tls, tokensDirectory } = options;
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    this.#server = tls
      ? createTlsServer({ ...timeouts, ...readTlsFiles(tls), requestCert: tls.clientCa !== undefined }, listener)
      : createServer(timeouts, listener);
    this.#server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    this.#watched = [tokensDirectory, tls?.certificate, tls?.key, tls?.clientCa].filter((path) => path !== undefined);
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  get works(): boolean {
    return this.#server.listening;
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    for (const path of this.#watched) {
      watchFile(path, { interval: WATCH_INTERVAL_MS, persistent: false }, () => this.#reload());
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const path of this.#watched) unwatchFile(path);
    this.#server.close();
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    this.#server.closeAllConnections();
  }

  abort(): void {
    this.#server.closeAllConnections();
  }

  /** Tokens and certificates change while senders go on. */
  #reload(): void {
    const { tls } = this.#options;
    try {
      this.#context.principals.reload();
      if (tls && 'setSecureContext' in this.#server) this.#server.setSecureContext(readTlsFiles(tls));
      this.#context.say('tokens and certificates were read again');
    } catch (error) {
      this.#context.say(
        `tokens or certificates could not be read again, the old ones stay: ${(error as Error).message}`,
      );
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#busy++;
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    try {
      await this.#receive(request, response, encoding);
      this.#answer(response, 200, success(encoding));
    } catch (error) {
      this.#refuse(response, encoding, error as Error);
    } finally {
      if (--this.#busy === 0) this.#idle?.();
    }
  }

  /** Resolves when each record of a request has its place. */
  async #receive(request: IncomingMessage, response: ServerResponse, encoding: Encoding): Promise<void> {
    const sender = this.#check(request);
    const { timeoutMs } = this.#options;
    const patience = new AbortController();
    const giveUp = (why: string) => patience.abort(new NotStoredError('timeout', why));
    const timer = setTimeout(giveUp, timeoutMs, 'Elasticsearch did not take the records in time');
    const left = () => giveUp('the sender did not wait');
    response.on('close', left);
    try {
      const acceptance = await this.#accept(request, sender, encoding, patience.signal);
      patience.signal.addEventListener('abort', () => acceptance.abandon(patience.signal.reason), { once: true });
      await acceptance.done;
    } finally {
      clearTimeout(timer);
      response.off('close', left);
    }
  }

  /** Reads a request as soon as there is memory for it, and takes its records, all before `signal` is aborted. */
  async #accept(
    request: IncomingMessage,
    sender: Sender,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<Acceptance> {
    const { budget, intake } = this.#context;
    const body = new Body(request, budget, this.#options.maxRequestBytes);
    const visitAll = encoding === 'json' ? visitJson : visitProtobuf;
    try {
      await body.admit(sender.principal, signal);
      const bytes = await body.read();
      return await this.#turns.run(async () => {
        const plain = await body.plain(bytes);
        signal.throwIfAborted();
        return intake.accept(sender, (visit) => visitAll(plain, visit));
      });
    } finally {
      body.release();
    }
  }

  /**
   * Looks at all that can be known before the body.
   *
   * @throws {RefusedError}
   */
  #check(request: IncomingMessage): Sender {
    if (this.#isStopping) throw unavailable('stopping', 'the indexer is being stopped');
    const path = request.url?.split('?', 1)[0] ?? '';
    if (!PATHS.has(path)) throw new RefusedError(404, 'not_otlp', `records are taken at ${[...PATHS].join(' and ')}`);
    if (request.method !== 'POST') throw new RefusedError(405, 'not_otlp', 'records are taken with POST');
    const sender = this.#context.principals.identify(request);
    if (!sender) throw new RefusedError(401, 'unauthorized', 'no valid bearer token or client certificate');
    if (!encodingOf(request.headers['content-type'])) {
      throw new RefusedError(415, 'not_otlp', 'content-type must be application/json or application/x-protobuf');
    }
    const coding = request.headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity' && coding !== 'gzip') {
      throw new RefusedError(415, 'not_otlp', 'content-encoding must be gzip, or absent');
    }
    return sender;
  }

  #refuse(response: ServerResponse, encoding: Encoding, error: Error): void {
    const { metrics, say } = this.#context;
    const refused = refusedError(error);
    if (refused) metrics.refused(refused.reason);
    // A mistake of ours costs no record: the sender keeps them.
    else say(`a request could not be handled: ${error.stack ?? error.message}`);
    const { status, message } = refused ?? unavailable('timeout', 'internal error');
    this.#answer(response, status, failure(encoding, GRPC_CODES[status] ?? 3, message), headersOf(status));
  }

  #answer(
    response: ServerResponse,
    status: number,
    { contentType, body }: ReturnType<typeof success>,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.#context.metrics.answered(status);
    if (response.destroyed) return;
    const { req: request } = response;
    const close = !request.complete && status === 503 && { connection: 'close' };
    response.writeHead(status, { 'content-type': contentType, 'content-length': body.length, ...headers, ...close });
    if (request.complete) {
      response.end(body);
      return;
    }
    response.write(body);
    if (status === 503) {
      // What is not read takes no memory, and what is thrown away would be garbage first. The records are sent again in any
      // case, also by a sender that finds the connection broken before it gets to the answer.
      const linger = setTimeout(() => request.destroy(), LINGER_MS);
      request.once('close', () => clearTimeout(linger));
      return;
    }
    // The rest is read and thrown away, for as long as a request may take, so that its sender gets to the answer: closed under
    // it, the connection would look broken, and the same would be sent again.
    request.resume().once('close', () => response.end());
  }
}

/** The code that a `google.rpc.Status` has for a status of HTTP. */
const GRPC_CODES: Readonly<Record<number, number>> = { 401: 16, 404: 12, 405: 12, 503: 14 };

/** How a request is refused because of `error`; `undefined` when that is none of what is expected. */
function refusedError(error: Error): RefusedError | undefined {
  if (error instanceof RefusedError) return error;
  if (error instanceof NotOtlpError) return notOtlp(error.message);
  if (error instanceof NotStoredError) return unavailable(error.reason, error.message);
  // The sender broke off, or was too slow.
  if ('code' in error && (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) {
    return notOtlp('the request was not sent to its end');
  }
  return undefined;
}

function headersOf(status: number): Readonly<Record<string, string>> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  if (status !== 503) return {};
  const { least, most } = RETRY_AFTER;
  return { 'retry-after': String(least + Math.floor(Math.random() * (most - least + 1))) };
}
