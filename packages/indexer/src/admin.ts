import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IndexerMetrics } from './metrics/metrics.js';

/** Serves what operators and their machines ask for: `/healthz`, `/readyz`, `/metrics`. */
export class AdminServer {
  readonly #server: Server;

  /** @param trouble why records can't be stored now; `undefined` when they can. */
  constructor(metrics: IndexerMetrics, trouble: () => string | undefined) {
    const pages: Readonly<Record<string, () => Promise<readonly [number, string]>>> = {
      // Alive also while Elasticsearch is not: starting anew would not help.
      '/healthz': async () => [200, 'ok\n'],
      '/readyz': async () => {
        const why = trouble();
        return why === undefined ? [200, 'ready\n'] : [503, `${why}\n`];
      },
      '/metrics': async () => [200, await metrics.text()],
    };
    this.#server = createServer(async (request, response) => {
      const page = pages[request.url?.split('?', 1)[0] ?? ''];
      const [status, text] = page ? await page() : ([404, `${Object.keys(pages).join(', ')}\n`] as const);
      const type = page === pages['/metrics'] ? metrics.registry.contentType : 'text/plain; charset=utf-8';
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
    });
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Rejects when the address can't be had. */
  async start(host: string, port: number): Promise<void> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
