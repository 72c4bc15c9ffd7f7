import { randomBytes } from 'node:crypto';
import type { InlineQueryResult, SentWebAppMessage } from 'grammy/types';
import { type Call, type Handlers, userOfCall } from '../call.ts';
import { badRequest } from '../errors.ts';
import type { Query, QueryKind } from '../queries.ts';

function answer(call: Call, kind: QueryKind, name: string): Query {
  const { args, bot, world } = call;
  if (!args.has(name)) throw badRequest(`${name} is empty`);
  return world.queries.answer(bot, kind, args.text(name), args.values);
}

function inlineMessage(call: Call, kind: 'web_app' | 'guest', name: string): SentWebAppMessage {
  if (!call.args.json('result')) throw badRequest("result isn't specified");
  answer(call, kind, name);
  return { inline_message_id: randomBytes(20).toString('base64url') };
}

/** Whether an answer to a question about money says yes; a no has to say why. */
function verdict({ args }: Call): boolean {
  const ok = args.flag('ok');
  if (!ok && !args.has('error_message')) throw badRequest('error_message is empty');
  return ok;
}

/** Answers to what people asked, and messages prepared for them. */
export const queryMethods: Handlers<
  | 'answerCallbackQuery'
  | 'answerInlineQuery'
  | 'answerWebAppQuery'
  | 'answerGuestQuery'
  | 'answerShippingQuery'
  | 'answerPreCheckoutQuery'
  | 'answerChatJoinRequestQuery'
  | 'sendChatJoinRequestWebApp'
  | 'savePreparedInlineMessage'
  | 'savePreparedKeyboardButton'
> = {
  answerCallbackQuery: (call) => Boolean(answer(call, 'callback', 'callback_query_id')) as true,

  answerInlineQuery(call) {
    const results = call.args.json<InlineQueryResult[]>('results') ?? [];
    if (results.length > 50) throw badRequest('too many inline query results specified');
    answer(call, 'inline', 'inline_query_id');
    return true;
  },

  answerWebAppQuery: (call) => inlineMessage(call, 'web_app', 'web_app_query_id'),
  answerGuestQuery: (call) => inlineMessage(call, 'guest', 'guest_query_id'),

  answerShippingQuery(call) {
    const { args, bot, world } = call;
    const ok = verdict(call);
    const options = args.json<unknown[]>('shipping_options') ?? [];
    if (ok && options.length === 0) throw badRequest('there must be at least one shipping option');
    const values = { ...args.values, ok, shipping_options: options };
    world.queries.answer(bot, 'shipping', args.text('shipping_query_id'), values);
    return true;
  },

  answerPreCheckoutQuery(call) {
    const { args, bot, world } = call;
    const values = { ...args.values, ok: verdict(call) };
    world.queries.answer(bot, 'pre_checkout', args.text('pre_checkout_query_id'), values);
    return true;
  },

  answerChatJoinRequestQuery: (call) => Boolean(answer(call, 'join_request', 'chat_join_request_query_id')) as true,
  sendChatJoinRequestWebApp: (call) => Boolean(answer(call, 'join_request', 'chat_join_request_query_id')) as true,

  savePreparedInlineMessage(call) {
    userOfCall(call);
    return { id: call.world.uniqueId(), expiration_date: call.world.now + 86_400 };
  },

  savePreparedKeyboardButton(call) {
    userOfCall(call);
    return { id: call.world.uniqueId() };
  },
};
