import { createHmac } from 'node:crypto';
import type { SlackApp } from './app-account.ts';
import type { SocketMode } from './socket-mode.ts';

/** What is sent to an app, as Socket Mode tells kinds apart. */
export type DeliveryKind = 'events_api' | 'interactive' | 'slash_commands';

export type Payload = Readonly<Record<string, unknown>>;

/** One attempt to have an app take something. */
export interface Attempt {
  /** 0 for the first one. */
  readonly retryNum: number;
  /** HTTP status, or 200 for what was acknowledged over a socket; `undefined` where no answer came in time. */
  status: number | undefined;
  /** What the app answered. */
  answer: unknown;
}

/** Something that is sent to an app until it takes it. */
export interface Delivery {
  readonly kind: DeliveryKind;
  readonly payload: Payload;
  readonly attempts: Attempt[];
  /** Whether the app took it; `undefined` until it has, or Slack has given up. */
  taken: boolean | undefined;
}

export interface DeliveryTimes {
  /** How long an app may take to answer, in milliseconds. Slack's: 3,000. */
  readonly answerWithinMs: number;
  /** Before which an event is delivered again, in milliseconds. Slack's: at once, a minute, five minutes. */
  readonly retryAfterMs: readonly number[];
}

/** Sends an app what happens: over its socket where it has one, or to its address, signed. */
export class Deliveries {
  readonly #sockets: SocketMode;
  readonly #times: DeliveryTimes;
  readonly #changed: () => void;
  readonly #stopped = new AbortController();
  readonly all: Delivery[] = [];

  constructor(sockets: SocketMode, times: DeliveryTimes, changed: () => void) {
    this.#sockets = sockets;
    this.#times = times;
    this.#changed = changed;
  }

  /** Begins to deliver something; only events are delivered again when an app does not take them. */
  deliver(app: SlackApp, kind: DeliveryKind, payload: Payload): Delivery {
    const delivery: Delivery = { kind, payload, attempts: [], taken: undefined };
    this.all.push(delivery);
    void this.#deliver(app, delivery).then((taken) => {
      delivery.taken = taken;
      this.#changed();
    });
    return delivery;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #deliver(app: SlackApp, delivery: Delivery): Promise<boolean> {
    const pauses = delivery.kind === 'events_api' ? this.#times.retryAfterMs : [];
    let reason: string | undefined;
    for (let retryNum = 0; retryNum <= pauses.length && !this.#stopped.signal.aborted; retryNum++) {
      if (retryNum > 0) await this.#pause(pauses[retryNum - 1] ?? 0);
      const attempt: Attempt = { retryNum, status: undefined, answer: undefined };
      delivery.attempts.push(attempt);
      reason = await this.#attempt(app, delivery, attempt, reason);
      this.#changed();
      if (reason === undefined) return true;
    }
    return false;
  }

  /** @returns why the app did not take it. */
  async #attempt(
    app: SlackApp,
    { kind, payload }: Delivery,
    attempt: Attempt,
    reason: string | undefined,
  ): Promise<string | undefined> {
    const signal = AbortSignal.any([AbortSignal.timeout(this.#times.answerWithinMs), this.#stopped.signal]);
    if (this.#sockets.isConnected(app)) {
      const retry = { retry_attempt: attempt.retryNum, retry_reason: reason ?? '' };
      const answer = await this.#sockets.send(app, kind, payload, retry, signal);
      if (answer === undefined) return 'timeout';
      attempt.status = 200;
      attempt.answer = answer;
      return undefined;
    }
    if (app.requestUrl === undefined) return 'connection_failed';
    try {
      const response = await post(app, kind, payload, attempt.retryNum, reason, signal);
      attempt.status = response.status;
      const body = await response.text();
      attempt.answer = response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : body;
      return response.status === 200 ? undefined : 'http_error';
    } catch {
      // Nobody listens, or the answer does not come.
      return signal.aborted ? 'http_timeout' : 'connection_failed';
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#stopped.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
}

/** Sends a request as Slack does: events as JSON, the others as forms, signed with the app's secret. */
async function post(
  app: SlackApp,
  kind: DeliveryKind,
  payload: Payload,
  retryNum: number,
  reason: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const body = {
    events_api: () => JSON.stringify(payload),
    interactive: () => new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    slash_commands: () => new URLSearchParams(payload as Record<string, string>).toString(),
  }[kind]();
  const type = kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded';
  return fetch(app.requestUrl as string, {
    method: 'POST',
    headers: {
      'content-type': type,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...signature(app.signingSecret, body),
      ...(retryNum > 0 && { 'x-slack-retry-num': `${retryNum}`, 'x-slack-retry-reason': reason ?? 'unknown_error' }),
    },
    body,
    signal,
  });
}

/** The headers by which an app knows that a request is Slack's. */
export function signature(
  secret: string,
  body: string,
  seconds = Math.floor(Date.now() / 1_000),
): Record<string, string> {
  const hash = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': `${seconds}`, 'x-slack-signature': `v0=${hash}` };
}
