import { readFileSync } from 'node:fs';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EndpointConfig } from '../config/endpoint.js';
import type { ExportError } from '../metrics/table.js';
import { judge, type Verdict } from './answer.js';
import type { Wire } from './wire.js';

const compress = promisify(gzip);

/** An answer to an export is a few bytes; what is longer is none. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** What became of a request, and what else its answer told. */
export interface Sent {
  readonly verdict: Verdict;
  /** How far this machine's clock is behind the receiver's, in milliseconds, to about a second; from its `Date` header. */
  readonly clockOffsetMs?: number;
}

interface Connection {
  readonly agent: Agent;
  readonly request: (url: URL, options: RequestOptions) => ClientRequest;
}

/**
 * Sends requests to one endpoint over kept-alive connections. The transport of `otlp-exporter-base` keeps to itself
 * what has to be known here: status and `Retry-After` of any answer, rejected records, an answer cut short, a page in
 * place of OTLP.
 */
export class HttpTransport {
  readonly #endpoint: EndpointConfig;
  readonly #wire: Wire;
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  readonly #secrets: string[];
  #connection: Promise<Connection> | undefined;

  constructor(endpoint: EndpointConfig, wire: Wire) {
    this.#endpoint = endpoint;
    this.#wire = wire;
    this.#url = new URL(endpoint.url);
    this.#secrets = secretsOf(endpoint);
    this.#headers = {
      'user-agent': 'botaudit',
      ...lowerCased(endpoint.headers),
      'content-type': wire.contentType,
      ...(endpoint.compression === 'gzip' ? { 'content-encoding': 'gzip' } : undefined),
    };
  }

  /**
   * Sends a request that holds `records` records. Never rejects: what goes wrong is a verdict, too.
   *
   * @param signal gives the request up.
   */
  async send(body: Uint8Array, records: number, signal: AbortSignal): Promise<Sent> {
    const started = Date.now();
    try {
      const payload = this.#endpoint.compression === 'gzip' ? await compress(body) : body;
      this.#connection ??= connect(this.#endpoint, this.#url.protocol);
      const { agent, request } = await this.#connection;
      const headers = { ...this.#headers, 'content-length': String(payload.length) };
      const make = () => request(this.#url, { method: 'POST', agent, headers });
      const { response, body: answer } = await exchange(make, payload, this.#endpoint.timeoutMs, signal);
      const { statusCode: status = 0, headers: answered } = response;
      const verdict = judge(
        {
          status,
          contentType: answered['content-type'],
          retryAfter: answered['retry-after'],
          date: answered.date,
          body: answer,
        },
        records,
        this.#wire,
      );
      return { verdict: this.#conceal(verdict), ...clockOffset(answered.date, started, Date.now()) };
    } catch (error) {
      // Renewed certificates are read again, and an address that changed is looked up again.
      this.close();
      return { verdict: { kind: 'wait', ...describe(error) } };
    }
  }

  /** Closes the connections. */
  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.then(
      ({ agent }) => agent.destroy(),
      () => {
        // It never came to be: whoever asked for it has been told.
      },
    );
  }

  /** A receiver may repeat in its answer what it was sent. */
  #conceal(verdict: Verdict): Verdict {
    const hide = (text: string) => this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
    if (verdict.kind !== 'accepted') return { ...verdict, detail: hide(verdict.detail) };
    return verdict.warning === undefined ? verdict : { ...verdict, warning: hide(verdict.warning) };
  }
}

async function connect(endpoint: EndpointConfig, protocol: string): Promise<Connection> {
  if (protocol === 'http:') {
    const { Agent, request } = await import('node:http');
    return { agent: new Agent({ keepAlive: true }), request };
  }
  const { Agent, request } = await import('node:https');
  const { certificate, clientKey, clientCertificate } = endpoint;
  const agent = new Agent({
    keepAlive: true,
    ...(certificate === undefined ? undefined : { ca: readPem(certificate) }),
    ...(clientKey === undefined ? undefined : { key: readPem(clientKey) }),
    ...(clientCertificate === undefined ? undefined : { cert: readPem(clientCertificate) }),
  });
  return { agent, request };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new NotSentError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

interface Exchanged {
  readonly response: IncomingMessage;
  readonly body: Buffer;
}

/** One request and its whole answer, within `timeoutMs` and until `signal`. */
async function exchange(
  make: () => ClientRequest,
  payload: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Exchanged> {
  signal.throwIfAborted();
  let request: ClientRequest | undefined;
  // What destroying a request surfaces as depends on how far it was; what led to it is what counts.
  let cause: Error | undefined;
  const giveUp = (error: Error) => {
    cause = error;
    request?.destroy(error);
  };
  const timer = setTimeout(() => giveUp(new TimeoutError(timeoutMs)), timeoutMs);
  const onAbort = () => giveUp(new Error('given up'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      request = start(make);
      try {
        return await answerTo(request, payload);
      } catch (error) {
        // The receiver closed an idle connection just when it was taken up again: nothing is wrong with it.
        const stale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!stale || cause) throw cause ?? error;
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** A header that can't be sent, or a key file that holds no key, is found only here; the error doesn't show its content. */
function start(make: () => ClientRequest): ClientRequest {
  try {
    return make();
  } catch (error) {
    throw new NotSentError((error as Error).message);
  }
}

function answerTo(request: ClientRequest, payload: Uint8Array): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else response.destroy(new TooLongError());
      });
      response.on('error', reject);
      // An answer cut short says nothing, whatever its status: `end` comes only after the whole of it.
      response.on('end', () => resolve({ response, body: Buffer.concat(chunks) }));
      response.on('close', () => reject(new Error('the answer was cut short')));
    });
    request.end(payload);
  });
}

class NotSentError extends Error {}

class TooLongError extends Error {}

class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`no whole answer within ${timeoutMs} ms`);
  }
}

function describe(error: unknown): { reason: ExportError; detail: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof NotSentError) return { reason: 'not_sent', detail: message };
  if (error instanceof TimeoutError) return { reason: 'timeout', detail: message };
  if (error instanceof TooLongError) return { reason: 'not_otlp', detail: 'an answer of more than 1 MiB' };
  if (code === undefined) return { reason: 'network', detail: message };
  const tls = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(code);
  return { reason: tls ? 'tls' : 'network', detail: code };
}

function clockOffset(date: string | undefined, sentAt: number, receivedAt: number): { clockOffsetMs?: number } {
  // The header has whole seconds: their middle is the best guess.
  const theirs = date === undefined ? Number.NaN : Date.parse(date) + 500;
  return Number.isNaN(theirs) ? {} : { clockOffsetMs: Math.round(theirs - (sentAt + receivedAt) / 2) };
}

/** Credentials that a receiver could repeat: header values, also without their scheme (`Bearer …`), and the URL's. */
function secretsOf({ url, headers }: EndpointConfig): string[] {
  const { username, password } = new URL(url);
  const values = [username, password, ...Object.values(headers)];
  return values.flatMap((value) => [value, value.slice(value.indexOf(' ') + 1)]).filter((value) => value.length >= 4);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
