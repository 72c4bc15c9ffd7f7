import type { Target } from '@botaudit/api';
import { readId } from '@botaudit/instrumentation';

export const PLATFORM = 'telegram';

/** `telegram:<id>`, of a user, a chat, or whatever else has an id there. */
export function telegramId(id: string): string {
  return `${PLATFORM}:${id}`;
}

/** A thing within a chat, such as a message or a topic: `telegram:<chat>/<id>`. */
export function idInChat(chat: string, id: string): string {
  return telegramId(`${chat}/${id}`);
}

/** The bot that a token belongs to: the digits before its colon, which are no secret. */
export function botIdOfToken(token: unknown): string | undefined {
  const digits = typeof token === 'string' ? /^(\d{1,20}):/.exec(token)?.[1] : undefined;
  return digits === undefined ? undefined : telegramId(digits);
}

/** The message that `message` is, by its chat and id. */
export function messageTarget(message: unknown): Target | undefined {
  const chat = readId(message, 'chat', 'id');
  const id = readId(message, 'message_id');
  if (chat === undefined || id === undefined) return undefined;
  return { id: idInChat(chat, id), type: 'message' };
}

export function userTarget(user: unknown): Target | undefined {
  const id = readId(user, 'id');
  return id === undefined ? undefined : { id: telegramId(id), type: 'user' };
}

export function chatTarget(chat: unknown): Target | undefined {
  const id = readId(chat, 'id');
  return id === undefined ? undefined : { id: telegramId(id), type: 'chat' };
}
