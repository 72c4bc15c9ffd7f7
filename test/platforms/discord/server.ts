import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { WaitOptions } from '../telegram/signal.ts';
import { carryOut } from './api.ts';
import { CallLog, type LoggedCall, routeOf } from './call-log.ts';
import { DiscordError, unauthorized } from './errors.ts';
import { type Fault, Faults } from './faults.ts';
import { Feed } from './feed.ts';
import { Gateway } from './gateway.ts';
import { Person } from './person.ts';
import { decodeBody } from './request.ts';
import { type BotAccount, type Channel, type Guild, World } from './world.ts';

export interface GuildOptions {
  readonly name?: string;
  /** Default: somebody who does nothing else. */
  readonly owner?: Person;
  readonly members?: readonly (Person | BotAccount)[];
  /** Members who may ban, delete, and so on. */
  readonly moderators?: readonly (Person | BotAccount)[];
}

/** How long a wait takes at most before it fails, in milliseconds, unless it says otherwise. */
const DEADLINE_MS = 30_000;

const VERSIONED = /^\/api\/v\d+/;

/**
 * A Discord of one's own, on the loopback interface: bots talk to it in the protocols of its gateway and its API, and
 * tests act as the people in it. Give its `url` to a bot as `rest.api`.
 */
export class DiscordServer {
  readonly world = new World();
  readonly log = new CallLog();
  readonly gateway: Gateway;
  readonly feed: Feed;
  /** Added to the time that each request takes, in milliseconds. */
  latencyMs = 0;
  /** How many shards bots are told to use. */
  shards = 1;
  readonly #faults = new Faults();
  readonly #http: Server;
  readonly #sockets: WebSocketServer;

  private constructor(http: Server) {
    this.#http = http;
    this.gateway = new Gateway(this.world, () => this.#gatewayUrl);
    this.feed = new Feed(this.world, this.gateway);
    http.on('request', (request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#sockets = new WebSocketServer({ server: http });
    this.#sockets.on('connection', (socket) => this.gateway.accept(socket));
  }

  /** Starts a server on a port that the system chooses, on 127.0.0.1 alone. */
  static async start(): Promise<DiscordServer> {
    const http = createServer({ keepAliveTimeout: 60_000 });
    const server = new DiscordServer(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  /** The root of the API for bots, without its version. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  get #port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get #gatewayUrl(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  addBot({ name = 'Bot', id }: { readonly name?: string; readonly id?: string } = {}): BotAccount {
    return this.world.addBot(name, id);
  }

  addUser(name: string): Person {
    return new Person(this.world, this.feed, this.world.addUser(name));
  }

  addGuild({ name = 'Guild', owner, members = [], moderators = [] }: GuildOptions = {}): Guild {
    const guild = this.world.addGuild(name, (owner ?? this.addUser('Owner')).user);
    for (const { user } of [...members, ...moderators]) this.world.addMember(guild, user);
    for (const { user } of moderators) guild.moderators.add(user.id);
    return guild;
  }

  addChannel(guild: Guild, name = 'general'): Channel {
    return this.world.addChannel(guild, name);
  }

  /** Has the next request of a route, `POST /channels/:id/messages` (`*`: of any), go wrong. */
  failNext(route: string, fault: Fault, times = 1): void {
    this.#faults.plan(route, fault, times);
  }

  /** Waits until `condition` gives something; it is looked at whenever something happens here. */
  until<T>(condition: () => T | undefined | null | false, options?: WaitOptions): Promise<T> {
    return this.world.signal.until(condition, { deadlineMs: DEADLINE_MS, ...options });
  }

  /** Waits for a request of `route` that was answered and `matches`, whether it was there already or comes yet. */
  awaitCall(
    route: string,
    matches: (call: LoggedCall) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<LoggedCall> {
    const answered = () => this.log.of(route).find((call) => call.status !== undefined && matches(call));
    return this.until(answered, { what: `a request ${route}`, ...options });
  }

  /** Waits until a bot is connected with so many shards, and was told where it is. */
  async awaitConnected(bot: BotAccount, shards = 1, options: WaitOptions = {}): Promise<void> {
    const connected = () =>
      this.gateway.sessionsOf(bot).filter(({ isConnected, identified }) => isConnected && identified).length >= shards;
    await this.until(connected, { what: `${bot.user.username} to connect`, ...options });
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = pathname.replace(VERSIONED, '').replaceAll('%40', '@');
    const method = request.method ?? 'GET';
    const token = /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const bot = token === undefined ? undefined : this.world.bots.get(token);
    if (path === '/gateway/bot' || path === '/gateway') return this.#sendGateway(response, path, bot);
    const body = await decodeBody(request).catch((error: unknown) => {
      if (error instanceof DiscordError) return error;
      throw error;
    });
    if (body instanceof DiscordError) return answer(response, body.status, body.body);
    const reason = request.headers['x-audit-log-reason'];
    const call = this.log.add({
      bot,
      route: routeOf(method, path),
      path,
      body: body.json,
      files: body.files,
      reason: typeof reason === 'string' ? decodeURIComponent(reason) : undefined,
    });
    this.world.signal.notify();
    if (this.latencyMs > 0) await delay(this.latencyMs);
    await this.#handle(response, call, method, query);
  }

  #sendGateway(response: ServerResponse, path: string, bot: BotAccount | undefined): void {
    const limit = { total: 1000, remaining: 999, reset_after: 14_400_000, max_concurrency: 16 };
    const url = this.#gatewayUrl;
    if (path === '/gateway') answer(response, 200, { url });
    else if (!bot) answer(response, 401, unauthorized().body);
    else answer(response, 200, { url, shards: this.shards, session_start_limit: limit });
  }

  async #handle(response: ServerResponse, call: LoggedCall, method: string, query: URLSearchParams): Promise<void> {
    const fault = this.#faults.take(call.route);
    if (fault && 'delayMs' in fault) await delay(fault.delayMs);
    if (fault && 'retryAfter' in fault) return this.#limit(response, call, fault);
    if (fault && 'page' in fault) {
      this.#settle(call, fault.status, fault.page);
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.page);
      return;
    }
    if (fault && 'reset' in fault && fault.reset === 'before') return this.#reset(response, call);
    if (fault && 'status' in fault) {
      const { status, code = 0, message = `${status}` } = fault;
      return this.#finish(response, call, status, { message, code });
    }
    try {
      const result = carryOut(method, call.path, { world: this.world, feed: this.feed, call, query });
      if (fault && 'reset' in fault) return this.#reset(response, call);
      this.#finish(response, call, result === undefined ? 204 : 200, result);
    } catch (error) {
      if (!(error instanceof DiscordError)) throw error;
      this.#finish(response, call, error.status, error.body);
    }
  }

  #limit(response: ServerResponse, call: LoggedCall, fault: Extract<Fault, { retryAfter: number }>): void {
    const { retryAfter, global = false } = fault;
    const scope: Record<string, string> = global
      ? { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' }
      : { 'x-ratelimit-scope': 'user' };
    const body = { message: 'You are being rate limited.', retry_after: retryAfter, global };
    this.#finish(response, call, 429, body, { 'retry-after': `${retryAfter}`, ...scope });
  }

  #finish(
    response: ServerResponse,
    call: LoggedCall,
    status: number,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.#settle(call, status, body);
    const limits = {
      'x-ratelimit-limit': '10000',
      'x-ratelimit-remaining': status === 429 ? '0' : '9999',
      'x-ratelimit-reset-after': headers['retry-after'] ?? '1',
      'x-ratelimit-bucket': Buffer.from(call.route).toString('hex').slice(0, 32),
    };
    answer(response, status, body, { ...limits, ...headers });
  }

  #settle(call: LoggedCall, status: number, body: unknown): void {
    call.status = status;
    call.answer = body;
    this.world.signal.notify();
  }

  #reset(response: ServerResponse, call: LoggedCall): void {
    this.#settle(call, 0, undefined);
    response.socket?.resetAndDestroy();
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...type, ...headers }).end(text);
}
