import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Update } from 'grammy/types';
import type { BotAccount, BotOptions } from './bot-account.ts';
import { CallLog, type LoggedCall } from './call-log.ts';
import type { TelegramChat } from './chat.ts';
import { dispatch } from './dispatch.ts';
import { BotApiError, notFound, unauthorized } from './errors.ts';
import { errorOf, type Fault, type FaultOptions, Faults } from './faults.ts';
import { methodNamed } from './methods/index.ts';
import { Person } from './person.ts';
import { type DecodedRequest, decodeRequest } from './request.ts';
import type { WaitOptions } from './signal.ts';
import type { Envelope, UpdateBody } from './types.ts';
import { WebhookDelivery } from './webhook.ts';
import { type ChatOptions, World } from './world.ts';

export interface TelegramServerOptions {
  /** The pause after a webhook's second failure, in milliseconds; it doubles. Default 20. */
  readonly webhookRetryDelayMs?: number;
}

export interface UserOptions {
  /** First name. */
  readonly name: string;
  /** Without `@`. Default: the name in lower case. `null`: none. */
  readonly username?: string | null;
  readonly id?: number;
  readonly languageCode?: string;
}

export type RoomOptions = Omit<ChatOptions, 'owner'> & {
  /** Who made it. Default: somebody who does nothing else. */
  readonly owner?: Person;
};

/**
 * A Telegram of one's own, on the loopback interface: bots talk to it in the Bot API's protocol, and tests act as the
 * people in it. Give its `url` to a bot as API root.
 */
export class TelegramServer {
  readonly world = new World();
  readonly log = new CallLog();
  /** Added to the time that each call takes, in milliseconds. */
  latencyMs = 0;
  readonly #faults = new Faults();
  readonly #http: Server;
  readonly #deliveries = new Map<BotAccount, WebhookDelivery>();
  readonly #retryDelayMs: number;

  private constructor(http: Server, { webhookRetryDelayMs = 20 }: TelegramServerOptions) {
    this.#http = http;
    this.#retryDelayMs = webhookRetryDelayMs;
    http.on('request', (request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** Starts a server on a port that the system chooses, on 127.0.0.1 alone. */
  static async start(options: TelegramServerOptions = {}): Promise<TelegramServer> {
    const http = createServer({ keepAliveTimeout: 60_000 });
    const server = new TelegramServer(http, options);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  /** The API root for bots, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** All calls of bots but polling, in the order of arrival. */
  get calls(): LoggedCall[] {
    return this.log.actions;
  }

  addBot(options: BotOptions = {}): BotAccount {
    const bot = this.world.addBot(options);
    const delivery = new WebhookDelivery({
      bot,
      retryDelayMs: this.#retryDelayMs,
      reply: async (method, values) => {
        const decoded: DecodedRequest = { transport: 'webhook-reply', values, files: new Map() };
        const call = this.log.add(bot, methodNamed(method) ?? method, decoded);
        call.envelope = await dispatch(this.world, bot, method, decoded, new AbortController().signal);
        call.status = call.envelope.ok ? 200 : call.envelope.error_code;
      },
      changed: () => this.world.signal.notify(),
    });
    this.#deliveries.set(bot, delivery);
    return bot;
  }

  addUser({ name, username = name.toLowerCase().replaceAll(/\W+/g, '_'), id, languageCode }: UserOptions): Person {
    const user = this.world.addUser({
      ...(id !== undefined && { id }),
      first_name: name,
      ...(username !== null && { username }),
      ...(languageCode !== undefined && { language_code: languageCode }),
    });
    return new Person(this.world, user);
  }

  /** A supergroup, as groups are nowadays. */
  addGroup(options: RoomOptions = {}): TelegramChat {
    return this.world.addChat('supergroup', this.#withOwner(options));
  }

  /** A small group of the old kind, with few of the features of a supergroup. */
  addBasicGroup(options: RoomOptions = {}): TelegramChat {
    return this.world.addChat('group', this.#withOwner(options));
  }

  addChannel(options: RoomOptions = {}): TelegramChat {
    return this.world.addChat('channel', this.#withOwner(options));
  }

  /** Sends a bot an update that nobody's doing has led to. */
  delivers(bot: BotAccount, update: UpdateBody): Update {
    return bot.queue.force(update);
  }

  /** Has the next call of a method (`*`: of any) go wrong. */
  failNext(method: string, fault: Fault, options?: FaultOptions): void {
    this.#faults.plan(method, fault, options);
  }

  /** Waits until `condition` gives something; it is looked at whenever something happens here. */
  until<T>(condition: () => T | undefined | null | false, options?: WaitOptions): Promise<T> {
    return this.world.signal.until(condition, options);
  }

  /** Waits for a call of `method` that was answered and `matches`, whether it was there already or comes yet. */
  awaitCall(
    method: string,
    matches: (call: LoggedCall) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<LoggedCall> {
    const answered = () => this.log.of(method).find((call) => call.status !== undefined && matches(call));
    return this.until(answered, { what: `a call of ${method}`, ...options });
  }

  /** Waits until a bot waits for updates: it has started and has done what it had to do before. */
  async awaitPolling(bot: BotAccount, options: WaitOptions = {}): Promise<void> {
    await this.until(() => bot.queue.polled, { what: `@${bot.me.username} to poll`, ...options });
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    for (const delivery of this.#deliveries.values()) delivery.stop();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  #withOwner({ owner, ...options }: RoomOptions): ChatOptions {
    return { ...options, owner: owner?.user ?? this.addUser({ name: 'Owner', username: null }).user };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(pathname);
    if (file) return this.#download(response, decodeURIComponent(file[1] as string), file[2] as string);
    const route = /^\/bot([^/]+)\/(?:test\/)?([^/]+)$/.exec(pathname);
    if (!route) return answer(response, notFound().envelope);
    const [, token, name] = route.map((part) => decodeURIComponent(part)) as [string, string, string];
    const bot = this.world.bot(token);
    if (!bot) return answer(response, unauthorized().envelope);
    const hungUp = new AbortController();
    response.on('close', () => hungUp.abort());
    const decoded = await decodeRequest(request, searchParams).catch((error: unknown) => {
      if (error instanceof BotApiError) return error;
      throw error;
    });
    if (decoded instanceof BotApiError) return answer(response, decoded.envelope);
    await this.#handle(response, this.log.add(bot, methodNamed(name) ?? name, decoded), decoded, hungUp.signal);
  }

  async #handle(
    response: ServerResponse,
    call: LoggedCall,
    decoded: DecodedRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { bot, method } = call;
    this.world.signal.notify();
    if (this.latencyMs > 0) await delay(this.latencyMs);
    const fault = this.#faults.take(method, bot);
    if (fault && 'delayMs' in fault) await delay(fault.delayMs);
    if (fault && 'status' in fault) {
      this.#settle(call, fault.status);
      response.writeHead(fault.status, { 'content-type': fault.contentType ?? 'text/html' }).end(fault.body);
      return;
    }
    if (fault && 'reset' in fault && fault.reset === 'before') return this.#reset(response, call);
    const envelope =
      fault && 'error_code' in fault
        ? errorOf(fault).envelope
        : await dispatch(this.world, bot, method, decoded, signal);
    if (method === 'setWebhook') this.#deliveries.get(bot)?.pump();
    if (fault && 'reset' in fault) return this.#reset(response, call);
    call.envelope = envelope;
    this.#settle(call, envelope.ok ? 200 : envelope.error_code);
    answer(response, envelope);
  }

  #settle(call: LoggedCall, status: number): void {
    call.status = status;
    this.world.signal.notify();
  }

  #reset(response: ServerResponse, call: LoggedCall): void {
    this.#settle(call, 0);
    response.socket?.resetAndDestroy();
  }

  #download(response: ServerResponse, token: string, path: string): void {
    const file = this.world.files.at(path);
    if (!this.world.bot(token) || !file) {
      answer(response, (file ? unauthorized() : notFound()).envelope);
      return;
    }
    response.writeHead(200, { 'content-type': file.mimeType, 'content-length': file.size }).end(file.data);
  }
}

function answer(response: ServerResponse, envelope: Envelope): void {
  const body = JSON.stringify(envelope);
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const retryAfter = envelope.ok ? undefined : envelope.parameters?.retry_after;
  if (retryAfter !== undefined) headers['retry-after'] = `${retryAfter}`;
  response.writeHead(envelope.ok ? 200 : envelope.error_code, headers).end(body);
}
