import type { Target } from '@botaudit/api';
import { ownKeys, read, readId, readIds } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import { idInChat, telegramId } from './ids.js';

/** What a method's call means, read from its arguments. */
export interface MethodRule {
  readonly event: EventName | ((args: unknown) => EventName);
  /** Default: the catalogue's verb. */
  readonly action?: string | ((args: unknown) => string | undefined) | undefined;
  /** Default: the bot itself. */
  readonly target?: ((args: unknown) => Target | undefined) | undefined;
  /** Whether the answer is the message that was sent. */
  readonly sends?: boolean;
}

type TargetOf = NonNullable<MethodRule['target']>;

const thing =
  (key: string, type: string): TargetOf =>
  (args) => {
    const id = readId(args, key);
    return id === undefined ? undefined : { id: telegramId(id), type };
  };

const inChat =
  (key: string, type: string): TargetOf =>
  (args) => {
    const [within, id] = [readId(args, 'chat_id'), readId(args, key)];
    if (within === undefined || id === undefined) return chat(args);
    return { id: idInChat(within, id), type };
  };

export const chat = thing('chat_id', 'chat');
export const user = thing('user_id', 'user');
export const senderChat = thing('sender_chat_id', 'chat');
export const account = thing('business_connection_id', 'account');
export const bot = thing('user_id', 'bot');
export const stickerSet = thing('name', 'stickers');
export const ownedGift = thing('owned_gift_id', 'gift');
export const file = thing('file_id', 'file');
export const charge = thing('telegram_payment_charge_id', 'payment');
export const topic = inChat('message_thread_id', 'thread');
export const ephemeral = inChat('ephemeral_message_id', 'message');
export const draft = inChat('draft_id', 'draft');

export const query =
  (kind: string, type = 'query'): TargetOf =>
  (args) =>
    thing(`${kind}_query_id`, type)(args);

export const userOrChat: TargetOf = (args) => user(args) ?? chat(args);

/** A message in a chat, an inline one, or several, of which the ids stand in the body. */
export const message: TargetOf = (args) => {
  const only = messageIds(args);
  const within = readId(args, 'chat_id');
  if (within !== undefined && only.length === 1) return { id: idInChat(within, String(only[0])), type: 'message' };
  return inChat('message_id', 'message')(args) ?? thing('inline_message_id', 'message')(args) ?? account(args);
};

export const story: TargetOf = (args) => {
  const [within, id] = [readId(args, 'business_connection_id'), readId(args, 'story_id')];
  return within === undefined || id === undefined ? account(args) : { id: idInChat(within, id), type: 'story' };
};

const MAX_MESSAGES = 100;

/** The ids of `message_ids`; Telegram takes at most a hundred. */
export function messageIds(args: unknown): readonly string[] {
  return readIds(args, ['message_ids'], MAX_MESSAGES);
}

export const on = (
  event: MethodRule['event'],
  target?: MethodRule['target'],
  action?: MethodRule['action'],
): MethodRule => ({ event, target, action });

export const sends = (event: EventName = 'bot.message.send'): MethodRule => ({ event, target: chat, sends: true });

export const reads = (target?: TargetOf): MethodRule => on('bot.api.call', target, 'READ');

/** Mutes, unless sending is allowed and nothing is forbidden: what is left out is forbidden too. */
export function byPermissions(args: unknown): EventName {
  const permissions = read(args, 'permissions');
  const forbids = ownKeys(permissions).some((key) => read(permissions, key) === false);
  return read(permissions, 'can_send_messages') === true && !forbids ? 'bot.member.unmute' : 'bot.member.mute';
}

/** Grants, if any right is given; a promotion without a right takes them all. */
export function byRights(args: unknown): EventName {
  const grants = ownKeys(args).some((key) => /^(can|is)_/.test(key) && read(args, key) === true);
  return grants ? 'bot.role.grant' : 'bot.role.revoke';
}

export const ifOk =
  (yes: EventName): ((args: unknown) => EventName) =>
  (args) =>
    read(args, 'ok') === true ? yes : 'bot.payment.reject';

/** Approves or rejects, or leaves it to others. */
export function byJoinAnswer(args: unknown): EventName {
  const answer = read(args, 'result');
  if (answer === 'approve') return 'bot.member.approve';
  return answer === 'decline' ? 'bot.member.reject' : 'bot.query.answer';
}
