import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SlackApp } from './app-account.ts';
import type { DeliveryKind, Payload } from './delivery.ts';
import { secret } from './ids.ts';

/** An acknowledgement: what the app answered, or nothing. */
interface Acknowledgement {
  readonly envelope_id: string;
  readonly payload?: unknown;
}

/** The sockets of apps in Socket Mode, each opened with a ticket of `apps.connections.open`. */
export class SocketMode {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Map<string, SlackApp>();
  readonly #sockets = new Map<SlackApp, Set<WebSocket>>();
  readonly #waiting = new Map<string, (answer: unknown) => void>();
  readonly #changed: () => void;

  constructor(http: Server, changed: () => void) {
    this.#changed = changed;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** A path that opens one socket. */
  issueTicket(app: SlackApp): string {
    const ticket = secret();
    this.#tickets.set(ticket, app);
    return `/link/?ticket=${ticket}&app_id=${app.id}`;
  }

  isConnected(app: SlackApp): boolean {
    return (this.#sockets.get(app)?.size ?? 0) > 0;
  }

  /** Sends an envelope to one of an app's sockets. @returns what it was acknowledged with; `undefined` if it wasn't. */
  async send(
    app: SlackApp,
    kind: DeliveryKind,
    payload: Payload,
    retry: Payload,
    signal: AbortSignal,
  ): Promise<unknown> {
    const [socket] = this.#sockets.get(app) ?? [];
    const envelopeId = randomUUID();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(envelopeId, resolve);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    const envelope = {
      envelope_id: envelopeId,
      type: kind,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...(kind === 'events_api' && retry),
    };
    socket?.send(JSON.stringify(envelope));
    const answer = await promise;
    this.#waiting.delete(envelopeId);
    return answer;
  }

  /** Has an app open a new socket, as Slack does every few hours. */
  refresh(app: SlackApp): void {
    for (const socket of this.#sockets.get(app) ?? []) {
      socket.send(
        JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'loopback' } }),
      );
    }
  }

  stop(): void {
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    const { searchParams } = new URL(request.url ?? '/', 'ws://127.0.0.1');
    const ticket = searchParams.get('ticket') ?? '';
    const app = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (!app) {
      connection.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, connection, head, (socket) => this.#open(app, socket));
  }

  #open(app: SlackApp, socket: WebSocket): void {
    const sockets = this.#sockets.get(app) ?? new Set();
    this.#sockets.set(app, sockets);
    socket.on('close', () => {
      sockets.delete(socket);
      this.#changed();
    });
    socket.on('message', (data) => {
      const { envelope_id: id, payload = {} } = JSON.parse(String(data)) as Acknowledgement;
      this.#waiting.get(id)?.(payload);
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: sockets.size + 1,
        connection_info: { app_id: app.id },
        debug_info: { host: 'loopback', approximate_connection_time: 18_060 },
      }),
    );
    sockets.add(socket);
    this.#changed();
  }
}
