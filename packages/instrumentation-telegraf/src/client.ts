import { type AuditContext, activeContext } from '@botaudit/api';
import { auditOutbound, noticeAssignment, read, type Sent, type Settlement } from '@botaudit/instrumentation';
import { telegramCall } from '@botaudit/platform-telegram';
import { FRAMEWORK, scopeOfClient } from './scope.js';

/** A `Telegram` of Telegraf, as far as it is used here. */
interface Client {
  /** Of the webhook that brought the update which it serves; the first eligible call may be its answer. */
  readonly response?: { readonly writableEnded?: boolean } | undefined;
}

/** Telegraf makes a client for each update; this is what the update's handlers run in. */
const updates = new WeakMap<object, AuditContext>();
/** Causes whose update has its client. */
const served = new WeakSet<object>();

/** Clients of bots that are about to ask who they are, by themselves, before they handle an update. */
const unnamed = new WeakSet<object>();

/** The next `getMe` of this client is its bot's own doing, not that of whoever wrote to it. */
export function expectOwnGetMe(client: unknown): void {
  if (typeof client === 'object' && client !== null) unnamed.add(client);
}

/** Audits the calls of every client, those of bots, of updates, and of applications that use it alone. */
export function patchClient(prototype: object): void {
  // Set by the constructor.
  noticeAssignment(prototype, 'response', FRAMEWORK, (client) => {
    const context = activeContext();
    // The first one is the update's; others are the application's.
    if (!context?.trigger || served.has(context.trigger)) return;
    served.add(context.trigger);
    updates.set(client, context);
  });

  auditOutbound(prototype, 'callApi', FRAMEWORK, send);
}

function send(client: Client, [method, payload]: readonly unknown[]): Sent | undefined {
  if (typeof method !== 'string') return undefined;
  let replied = false;
  return {
    outbound: telegramCall(scopeOfClient(client), method, payload, { answer, replied: () => replied }),
    context: contextOf(client, method),
    run: (callApi) => {
      const asked = isAsked(client);
      const result = callApi();
      // Telegraf answers a webhook before its first await, thus before any other code runs.
      replied = asked && !isAsked(client);
      return result;
    },
  };
}

/** Whether a webhook still waits for an answer. */
function isAsked({ response }: Client): boolean {
  return response?.writableEnded === false;
}

/** The context in which a call belongs, where that is not the active one. */
function contextOf(client: object, method: unknown): AuditContext | undefined {
  if (method === 'getMe' && unnamed.delete(client)) return {};
  // Somebody's own `callApi`, such as a throttler's, makes calls in the context of whoever drains its queue, and they
  // would be laid at the wrong person's door.
  return Object.hasOwn(client, 'callApi') ? updates.get(client) : undefined;
}

/** The Bot API's answer: Telegraf hands on the result alone, and throws what was refused as the `response` of an error. */
function answer(settlement: Settlement): Settlement {
  if (settlement.status === 'fulfilled') return { status: 'fulfilled', value: { ok: true, result: settlement.value } };
  const refusal = settlement.status === 'rejected' ? read(settlement.reason, 'response') : undefined;
  return typeof read(refusal, 'error_code') === 'number' ? { status: 'fulfilled', value: refusal } : settlement;
}
