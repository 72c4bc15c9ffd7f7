import type { Update } from 'grammy/types';
import type { BotAccount } from './bot-account.ts';

/** Methods that a webhook's answer may not call. */
const NOT_IN_REPLY = /^(?:get.*|deletewebhook|setwebhook|close|logout)$/i;

/** The longest pause between two attempts, in milliseconds. */
const MAX_RETRY_DELAY_MS = 5_000;

/** How long a webhook may take to answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 60_000;

export interface WebhookDeliveryOptions {
  readonly bot: BotAccount;
  /** The pause after the second failure of an update, in milliseconds; it doubles from then on. */
  readonly retryDelayMs: number;
  /** Carries out the method that a webhook's answer calls. */
  reply(method: string, values: Record<string, unknown>): Promise<void>;
  /** Called when an update was taken or refused. */
  changed(): void;
}

/**
 * Takes a bot's updates to its webhook: those of one chat in order, different chats at once, each until the webhook
 * answers with 2xx.
 */
export class WebhookDelivery {
  readonly #options: WebhookDeliveryOptions;
  readonly #busy = new Set<string>();
  readonly #failures = new Map<Update, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stop = new AbortController();

  constructor(options: WebhookDeliveryOptions) {
    this.#options = options;
    options.bot.queue.onPush(() => this.pump());
  }

  /** Sends whatever can be sent now. */
  pump(): void {
    const { bot } = this.#options;
    if (!bot.webhook || this.#stop.signal.aborted) return;
    for (const update of bot.queue.pending) {
      if (this.#busy.size >= bot.webhook.maxConnections) return;
      const key = queueOf(update);
      if (!this.#busy.has(key)) void this.#deliver(update, key);
    }
  }

  stop(): void {
    this.#options.bot.queue.onPush(undefined);
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #deliver(update: Update, key: string): Promise<void> {
    const { bot, changed } = this.#options;
    this.#busy.add(key);
    const problem = await this.#post(update);
    if (this.#stop.signal.aborted) return;
    if (problem === undefined) {
      this.#failures.delete(update);
      bot.queue.confirm(update);
      this.#free(key, 0);
    } else {
      if (bot.webhook) bot.webhook.lastError = { date: Math.floor(Date.now() / 1000), message: problem };
      const failures = (this.#failures.get(update) ?? 0) + 1;
      this.#failures.set(update, failures);
      this.#free(
        key,
        failures === 1 ? 0 : Math.min(this.#options.retryDelayMs * 2 ** (failures - 2), MAX_RETRY_DELAY_MS),
      );
    }
    changed();
  }

  /** Lets the next update of a chat go, after a pause. */
  #free(key: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#busy.delete(key);
      this.pump();
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Posts an update. Returns what went wrong, as `getWebhookInfo` words it. */
  async #post(update: Update): Promise<string | undefined> {
    const { bot, reply } = this.#options;
    if (!bot.webhook) return 'Webhook was removed';
    const { url, secretToken } = bot.webhook;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(secretToken !== undefined && { 'x-telegram-bot-api-secret-token': secretToken }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      });
      const body = await response.text();
      if (!response.ok) return `Wrong response from the webhook: ${response.status} ${response.statusText}`;
      const values = replyIn(response.headers.get('content-type') ?? '', body);
      const method = values?.method;
      if (values && typeof method === 'string' && !NOT_IN_REPLY.test(method)) await reply(method, values);
      return undefined;
    } catch (error) {
      return `Connection failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** The call that a webhook's answer contains, if it does. */
function replyIn(contentType: string, body: string): Record<string, unknown> | undefined {
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  if (!body.startsWith('{')) return undefined;
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    // Whatever else a webhook answers is nobody's call: Telegram looks at the status alone.
    return undefined;
  }
}

/** Updates of one conversation are delivered in order; this names the conversation. */
function queueOf(update: Update): string {
  const body = Object.values(update).find((value) => typeof value === 'object') as
    | { chat?: { id: number }; message?: { chat: { id: number } }; from?: { id: number } }
    | undefined;
  return `${body?.chat?.id ?? body?.message?.chat.id ?? body?.from?.id ?? update.update_id}`;
}
