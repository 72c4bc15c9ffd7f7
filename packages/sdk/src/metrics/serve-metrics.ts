import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DirectoryMetrics, type OwnMetrics } from './directory-metrics.js';
import { JOURNAL_HEADER, journalAt } from './journal-at.js';

/** Options of {@link serveMetrics}. */
export interface ServeMetricsOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 9731; 0 takes a free one. */
  readonly port?: number;
  /** The metrics of this thread, fresher than its file. */
  readonly own?: OwnMetrics;
  /** Takes a line for people: why the metrics are not served. Default: nobody. */
  readonly say?: (message: string) => void;
  /** How often a port that is taken is tried again, in milliseconds. Default 5,000. */
  readonly retryMs?: number;
}

/** A {@link serveMetrics} that runs. */
export interface MetricsServer {
  /** Resolves once this process holds the port; never, while another one does. */
  readonly listening: Promise<AddressInfo>;
  close(): void;
}

/**
 * Serves the metrics of a whole journal at `/metrics`. Any number of processes may call this with one port: one holds
 * it, the others take over when it goes away. Does not keep the process alive.
 */
export function serveMetrics(options: ServeMetricsOptions): MetricsServer {
  return new PortSharer(options);
}

class PortSharer implements MetricsServer {
  readonly listening: Promise<AddressInfo>;
  readonly #options: ServeMetricsOptions;
  readonly #host: string;
  readonly #port: number;
  readonly #journal: string;
  readonly #metrics: DirectoryMetrics;
  #isListening!: (address: AddressInfo) => void;
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #said = false;
  #silent = 0;

  constructor(options: ServeMetricsOptions) {
    this.#options = options;
    this.#host = options.host ?? '127.0.0.1';
    this.#port = options.port ?? 9731;
    this.#journal = createHash('sha256').update(options.directory).digest('hex').slice(0, 16);
    this.#metrics = new DirectoryMetrics(options.directory, options.own);
    this.listening = new Promise((resolve) => {
      this.#isListening = resolve;
    });
    void this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Loaded late: a process that does not get the port may have no other use for HTTP. */
  async #open(): Promise<void> {
    const { createServer } = await import('node:http');
    if (this.#closed) return;
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    // Scrapes are not the application's business: what instruments HTTP wraps `emit` of the prototype.
    server.emit = EventEmitter.prototype.emit;
    server.unref();
    server.on('connection', (socket) => socket.unref());
    server.on('error', (error) => void this.#isTaken(error));
    server.on('listening', () => this.#isListening(server.address() as AddressInfo));
    this.#listen();
  }

  #listen(): void {
    // Exclusive: a worker of node:cluster would share the port with its siblings, and keep it after its end.
    this.#server?.listen({ host: this.#host, port: this.#port, exclusive: true });
  }

  async #isTaken(error: NodeJS.ErrnoException): Promise<void> {
    const holder = error.code === 'EADDRINUSE' ? await journalAt(this.#host, this.#port) : 'nobody';
    if (this.#closed) return;
    const isForeign = typeof holder === 'object' ? holder.journal !== this.#journal : holder === 'another';
    // One that says nothing may be about to close; the next one of this journal is there on the next try.
    this.#silent = holder === 'silent' ? this.#silent + 1 : 0;
    if (error.code !== 'EADDRINUSE') this.#complain(error.message);
    else if (isForeign || this.#silent > 1) this.#complain('another program has the port');
    this.#timer = setTimeout(() => this.#listen(), this.#options.retryMs ?? 5_000).unref();
  }

  #complain(why: string): void {
    if (this.#said) return;
    this.#said = true;
    const { directory, say } = this.#options;
    say?.(`metrics of ${directory} are not served at ${this.#host}:${this.#port}: ${why}; it is tried again`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader(JOURNAL_HEADER, this.#journal);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET is allowed here\n');
    if (request.url?.split('?')[0] !== '/metrics') return end(response, 404, 'metrics are at /metrics\n');
    try {
      const { text, contentType } = await this.#metrics.text();
      end(response, 200, text, contentType);
    } catch (error) {
      end(response, 500, `${(error as Error).message}\n`);
    }
  }
}

function end(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
