import {
  type ActionResult,
  type BotScope,
  type Outbound,
  type OutboundAction,
  read,
  type Settlement,
} from '@botaudit/instrumentation';
import { ATTR_BOT_API_WEBHOOK_REPLY, ATTR_BOT_CHAT_ID } from '@botaudit/record';
import { readError } from './answer.js';
import { channelOf } from './events.js';
import { messageTarget, readId, thing } from './ids.js';

/** How listeners of an app can answer what they handle, beside calls of the Web API. */
export type Reply = 'respond' | 'ack';

/**
 * What is to be told of an answer that a listener is about to give, for `handleOutbound`.
 *
 * @param body what is answered.
 * @returns `undefined` for an acknowledgement that says nothing: that is the protocol's, and no action.
 */
export function slackReply(
  bot: BotScope,
  reply: Reply,
  answer: unknown,
  body: unknown,
): Omit<Outbound<unknown>, 'refuse'> | undefined {
  const action = reply === 'respond' ? mapRespond(answer, body) : mapAck(answer, body);
  return action && { bot, action, args: answer, read: reply === 'respond' ? readRespond : readAck };
}

/**
 * What a message to the response URL of something that a person did is: a new message, or a change of the one that was
 * acted upon. The address is a secret; the method is called `respond`.
 *
 * @param body what the person did.
 */
export function mapRespond(message: unknown, body: unknown): OutboundAction {
  const source = messageTarget(
    channelOf(body) ?? readId(body, 'container', 'channel_id'),
    readId(body, 'container', 'message_ts') ?? readId(body, 'message_ts') ?? readId(body, 'message', 'ts'),
  );
  const chat = thing(channelOf(body) ?? readId(body, 'response_urls', '0', 'channel_id'), 'chat');
  const attributes = { [ATTR_BOT_CHAT_ID]: channelOf(body) };
  const about = { method: 'respond', attributes };
  if (read(message, 'delete_original') === true)
    return { ...about, name: 'bot.message.delete', target: source ?? chat };
  if (read(message, 'replace_original') === true) return { ...about, name: 'bot.message.edit', target: source ?? chat };
  return { ...about, name: 'bot.message.send', target: chat };
}

/** How a message to a response URL ended: its client resolves when it was taken, and throws what it was answered. */
export function readRespond(settlement: Settlement): ActionResult {
  if (settlement.status === 'rejected') return readError(settlement.reason);
  return { outcome: settlement.status === 'fulfilled' ? 'success' : 'unknown' };
}

/**
 * What an acknowledgement is that says something: a message in answer to a command, or what a view, a menu or a dialogue
 * shows next.
 *
 * @param body what is acknowledged.
 * @returns `undefined` for one that says nothing: that is the protocol's, and no action.
 */
export function mapAck(answer: unknown, body: unknown): OutboundAction | undefined {
  if (answer === undefined || answer === null || answer === '') return undefined;
  const chat = channelOf(body);
  const attributes = { [ATTR_BOT_CHAT_ID]: chat };
  if (read(body, 'command') !== undefined) {
    return { name: 'bot.message.send', method: 'ack', target: thing(chat, 'chat'), attributes };
  }
  const view = thing(readId(body, 'view', 'id'), 'view');
  return { name: 'bot.query.answer', method: 'ack', target: view ?? thing(chat, 'chat'), attributes };
}

/** How an acknowledgement ended: whether Slack took what it said is never told. */
export function readAck(settlement: Settlement): ActionResult {
  if (settlement.status === 'rejected') return readError(settlement.reason);
  return { outcome: 'unknown', attributes: { [ATTR_BOT_API_WEBHOOK_REPLY]: true } };
}
