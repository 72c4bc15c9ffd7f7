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
import { Signal, type WaitOptions } from '../telegram/signal.ts';
import { SlackApp } from './app-account.ts';
import { CallLog, type LoggedCall } from './call-log.ts';
import { Deliveries, type Delivery, type DeliveryTimes, type Payload, signature } from './delivery.ts';
import { SlackApiError } from './errors.ts';
import { type Fault, Faults } from './faults.ts';
import { Ids, secret } from './ids.ts';
import { oauthAccess } from './methods/account.ts';
import { dispatch } from './methods/index.ts';
import { eventBody } from './payloads.ts';
import { Person } from './person.ts';
import { type DecodedRequest, decodeRequest, readBody, type Values } from './request.ts';
import { SocketMode } from './socket-mode.ts';
import { type SlackChannel, type SlackUser, SlackWorkspace } from './workspace.ts';

/** A response URL takes this many messages. */
const MAX_RESPONSES = 5;

/** A Slack on the loopback interface: the Web API, the Events API, interactivity, and Socket Mode. */
export class SlackServer {
  readonly #http: Server;
  readonly #signal = new Signal();
  readonly #faults = new Faults();
  readonly #triggers = new Map<string, SlackUser>();
  readonly #responseUrls = new Map<string, { readonly channel: SlackChannel; left: number }>();
  readonly ids = new Ids();
  readonly log = new CallLog();
  readonly apps: SlackApp[] = [];
  readonly sockets: SocketMode;
  readonly deliveries: Deliveries;
  /** The workspace that is there from the start. */
  readonly workspace: SlackWorkspace;
  /** Added to each call of the Web API, in milliseconds. */
  latencyMs = 0;

  private constructor(http: Server, times: DeliveryTimes) {
    this.#http = http;
    this.workspace = new SlackWorkspace(this.ids);
    this.sockets = new SocketMode(http, () => this.#signal.notify());
    this.deliveries = new Deliveries(this.sockets, times, () => this.#signal.notify());
  }

  /** Starts on 127.0.0.1, on a port that the system chooses. Events are delivered again after shorter times than Slack's. */
  static async start(times: Partial<DeliveryTimes> = {}): Promise<SlackServer> {
    const http = createServer((request, response) => {
      server.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    const server = new SlackServer(http, { answerWithinMs: 3_000, retryAfterMs: [50, 200, 500], ...times });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** For a client's `slackApiUrl`. */
  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  /** Registers an app, installed in the first workspace unless it is to be installed by somebody. */
  addApp(name: string, { installed = true }: { readonly installed?: boolean } = {}): SlackApp {
    const app = new SlackApp(this.ids, name);
    this.apps.push(app);
    if (installed) app.install(this.workspace);
    return app;
  }

  addWorkspace(enterpriseId?: string): SlackWorkspace {
    return new SlackWorkspace(this.ids, enterpriseId);
  }

  addPerson(name: string, workspace = this.workspace): Person {
    return new Person(this, workspace, workspace.addUser(name));
  }

  addChannel(name: string, members: readonly { readonly id: string }[], workspace = this.workspace): SlackChannel {
    return workspace.addChannel(
      name,
      members.map(({ id }) => id),
    );
  }

  /** Sends an app an event that nobody's doing here has led to. */
  sendsEvent(app: SlackApp, event: Payload, workspace = this.workspace): Delivery {
    const installation = app.in(workspace);
    if (!installation) throw new Error(`${app.name} is not installed there`);
    return this.deliveries.deliver(app, 'events_api', eventBody({ server: this, app, installation }, event));
  }

  /** Has the next calls of a method (`*`: of any) go wrong. */
  failNext(method: string, fault: Fault, times?: number): void {
    this.#faults.plan(method, fault, times);
  }

  /** Has everybody who waits look at their condition again. */
  notify(): void {
    this.#signal.notify();
  }

  /** Waits until `condition` gives something; it is looked at whenever something happens here. */
  until<T>(condition: () => T | undefined | null | false, options?: WaitOptions): Promise<T> {
    return this.#signal.until(condition, { deadlineMs: 30_000, ...options });
  }

  /** Waits until a call of `method` that `matches` was answered. */
  awaitCall(method: string, matches: (call: LoggedCall) => boolean = () => true): Promise<LoggedCall> {
    const answered = () => this.log.of(method).find((call) => call.status !== undefined && matches(call));
    return this.until(answered, { what: `a call of ${method}` });
  }

  /** Waits until everything that was sent to apps was taken or given up. */
  async awaitDelivered(): Promise<void> {
    await this.until(() => this.deliveries.all.every(({ taken }) => taken !== undefined), { what: 'deliveries' });
  }

  /** Asks an app's address whether it is the app's, until it says so. */
  async verifyUrl(app: SlackApp, requestUrl: string): Promise<void> {
    const challenge = secret();
    const body = JSON.stringify({ token: app.verificationToken, challenge, type: 'url_verification' });
    for (const deadline = performance.now() + 30_000; performance.now() < deadline; await delay(25)) {
      const headers = { 'content-type': 'application/json', ...signature(app.signingSecret, body) };
      const response = await fetch(requestUrl, { method: 'POST', headers, body }).catch(() => undefined);
      if (response === undefined) continue;
      if ((await response.text()).includes(challenge)) {
        app.requestUrl = requestUrl;
        return;
      }
      throw new Error(`${requestUrl} answered ${response.status} instead of the challenge`);
    }
    throw new Error(`Nobody answered at ${requestUrl}`);
  }

  /** An id by which a view can be shown to somebody, once. */
  issueTrigger(user: SlackUser): string {
    const trigger = `${Date.now()}.${secret()}`;
    this.#triggers.set(trigger, user);
    return trigger;
  }

  /** @throws {SlackApiError} when it is none, or was used. */
  takeTrigger(trigger: string): string {
    const user = this.#triggers.get(trigger);
    if (!user) throw new SlackApiError('invalid_trigger_id');
    this.#triggers.delete(trigger);
    return user.id;
  }

  /** An address by which an app may write into a channel a few times. */
  issueResponseUrl(channel: SlackChannel): string {
    const path = `/actions/${this.workspace.id}/${secret()}`;
    this.#responseUrls.set(path, { channel, left: MAX_RESPONSES });
    return `${this.url}${path}`;
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    this.deliveries.stop();
    this.sockets.stop();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (pathname.startsWith('/upload/')) return this.#upload(request, response);
    const decoded = await decodeRequest(request, searchParams).catch((error: unknown) => {
      if (error instanceof SlackApiError) return error;
      throw error;
    });
    if (decoded instanceof SlackApiError) return send(response, 200, { ok: false, error: decoded.reason });
    const responseUrl = this.#responseUrls.get(pathname);
    if (responseUrl) {
      const call = this.log.add('respond', undefined, decoded);
      responseUrl.left -= 1;
      const answer = responseUrl.left < 0 ? { ok: false, error: 'used_url' } : { ok: true };
      return this.#answer(
        response,
        call,
        () => answer,
        () => (answer.ok ? 200 : 404),
      );
    }
    const method = /^\/api\/(.+)$/.exec(pathname)?.[1];
    if (method === undefined) return send(response, 404, { ok: false, error: 'not_found' });
    const authorization = request.headers.authorization ?? '';
    const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? (decoded.values.token as string | undefined);
    const call = this.log.add(method, token, decoded);
    return this.#answer(response, call, () => this.#carryOut(method, token, decoded, authorization));
  }

  async #answer(
    response: ServerResponse,
    call: LoggedCall,
    carryOut: () => Values,
    statusOf: () => number = () => 200,
  ): Promise<void> {
    this.#signal.notify();
    if (this.latencyMs > 0) await delay(this.latencyMs);
    const settle = (status: number): void => {
      call.status = status;
      this.#signal.notify();
    };
    const fault = this.#faults.take(call.method);
    if (fault && 'delayMs' in fault) await delay(fault.delayMs);
    if (fault && 'status' in fault) {
      settle(fault.status);
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.body);
      return;
    }
    if (fault && 'retryAfter' in fault) {
      settle(429);
      return send(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': `${fault.retryAfter}` });
    }
    if (fault && 'reset' in fault && fault.reset === 'before') return reset(response, settle);
    const answer = fault && 'error' in fault ? { ok: false, error: fault.error } : carryOut();
    if (fault && 'reset' in fault) return reset(response, settle);
    call.answer = answer;
    settle(statusOf());
    send(response, statusOf(), answer);
  }

  #carryOut(method: string, token: string | undefined, { values }: DecodedRequest, authorization: string): Values {
    try {
      if (method === 'api.test') return { ok: true, args: values };
      if (method === 'oauth.v2.access') return { ok: true, ...oauthAccess(this, values, basicOf(authorization)) };
      if (token === undefined) throw new SlackApiError('not_authed');
      const socketApp = this.apps.find(({ appToken }) => appToken === token);
      if (method === 'apps.connections.open') {
        if (!socketApp) throw new SlackApiError('invalid_auth');
        return { ok: true, url: `${this.url.replace('http', 'ws')}${this.sockets.issueTicket(socketApp)}` };
      }
      for (const app of this.apps) {
        const installation = app.installations.find(({ botToken }) => botToken === token);
        if (installation) return { ok: true, ...dispatch(method, { server: this, app, installation, args: values }) };
      }
      throw new SlackApiError(socketApp ? 'not_allowed_token_type' : 'invalid_auth');
    } catch (error) {
      if (error instanceof SlackApiError) return { ok: false, error: error.reason, ...error.details };
      throw error;
    }
  }

  async #upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = this.log.add('upload', undefined, { transport: 'multipart', values: {} });
    const { length } = await readBody(request);
    const files = [this.workspace.files, ...this.apps.map(({ home }) => home.workspace.files)];
    const file = files.flatMap((all) => [...all.values()]).find(({ url }) => url === `${this.url}${request.url}`);
    if (file) file.size = length;
    call.status = file ? 200 : 404;
    response.writeHead(call.status).end(`OK - ${length}`);
    this.#signal.notify();
  }
}

function basicOf(authorization: string): readonly [string, string] | undefined {
  const encoded = /^Basic (.+)$/.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', key = ''] = Buffer.from(encoded, 'base64').toString().split(':');
  return [id, key];
}

function reset(response: ServerResponse, settle: (status: number) => void): void {
  settle(0);
  response.socket?.resetAndDestroy();
}

function send(response: ServerResponse, status: number, answer: Values, headers: OutgoingHttpHeaders = {}): void {
  const body = JSON.stringify(answer);
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers }).end(body);
}
