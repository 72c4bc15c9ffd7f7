import type { Actor } from '@botaudit/api';
import { read, readId } from '@botaudit/instrumentation';
import { telegramId } from './ids.js';

/** Whose name anonymous administrators act under; who they are stays unknown, in which chat does not. */
const GROUP_ANONYMOUS_BOT = '1087968824';
/** Telegram's own messages, such as posts forwarded from a linked channel. */
const TELEGRAM = '777000';

const UNKNOWN: Actor = { id: 'unknown', type: 'user' };
/** Whoever it was, Telegram does not tell bots. */
export const ANONYMOUS: Actor = { id: 'anonymous', type: 'user' };
/** Nobody in particular: Telegram says how something stands. */
export const SYSTEM: Actor = { id: telegramId(TELEGRAM), type: 'system' };

/**
 * Who did something, by the user that an update names.
 *
 * @param chat where it was done: who an anonymous administrator acts as.
 */
export function userActor(user: unknown, chat?: unknown): Actor {
  const id = readId(user, 'id');
  if (id === undefined) return UNKNOWN;
  if (id === GROUP_ANONYMOUS_BOT) return chatActor(chat) ?? ANONYMOUS;
  if (id === TELEGRAM) return SYSTEM;
  return { id: telegramId(id), type: read(user, 'is_bot') === true ? 'service' : 'user' };
}

/** A chat that acts: a channel that posts, a group whose administrator stays anonymous. */
export function chatActor(chat: unknown): Actor | undefined {
  const id = readId(chat, 'id');
  return id === undefined ? undefined : { id: telegramId(id), type: 'user' };
}

/** Who wrote a message: a bot on behalf of a business, the chat it was written as, or the user. */
export function messageActor(message: unknown): Actor {
  const businessBot = read(message, 'sender_business_bot');
  if (businessBot !== undefined) return userActor(businessBot);
  const chat = read(message, 'chat');
  const asChat = chatActor(read(message, 'sender_chat'));
  if (asChat) return asChat;
  const from = read(message, 'from');
  // A channel post without a sender is the channel's own.
  if (from === undefined && read(chat, 'type') === 'channel') return chatActor(chat) ?? UNKNOWN;
  return userActor(from, chat);
}
