import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a sink received. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A loopback receiver of OTLP/HTTP that takes everything, or answers as it is told to. */
export class OtlpSink {
  readonly received: Received[] = [];
  /** Whether it forgets what it received. */
  forgets = false;
  status = 200;
  /** Requests that hold this text are answered with 400. */
  refused: string | undefined;
  /** What its clock says, as an HTTP date. Default: the time. */
  date: string | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (!this.forgets) this.received.push({ path: request.url ?? '', headers: request.headers, body });
      const type = request.headers['content-type'] ?? 'application/x-protobuf';
      const isRefused = this.refused !== undefined && body.includes(this.refused);
      const date = this.date === undefined ? undefined : { date: this.date };
      response.writeHead(isRefused ? 400 : this.status, { 'content-type': type, ...date });
      response.end(type === 'application/json' ? '{}' : '');
    });
  }

  static async listen(): Promise<OtlpSink> {
    const server = createServer();
    const sink = new OtlpSink(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Everything received, as text: enough to look for ids in. */
  get text(): string {
    return Buffer.concat(this.received.map(({ body }) => body)).toString('latin1');
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
