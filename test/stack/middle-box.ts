import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** What a proxy does to what passes through it. */
export interface MiddleBoxOptions {
  /** Larger requests are answered with 413. */
  readonly maxBodyBytes: number;
  /** How far its clock, which it dates answers by, is ahead. */
  readonly clockOffsetMs: number;
}

/** A proxy of somebody else's between senders and a collector. */
export class MiddleBox {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** One that is gone when the test has ended. */
  static async inFrontOf(url: string, { maxBodyBytes, clockOffsetMs }: MiddleBoxOptions): Promise<MiddleBox> {
    const server = createServer(async (request, response) => {
      const body = await buffer(request);
      const date = new Date(Date.now() + clockOffsetMs).toUTCString();
      if (body.length > maxBodyBytes) return response.writeHead(413, { date }).end();
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
      const answerType = answer.headers.get('content-type') ?? '';
      return response
        .writeHead(answer.status, { date, 'content-type': answerType })
        .end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return new MiddleBox(server, new URL(url).pathname);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#path}`;
  }
}
