import type { InlineKeyboardMarkup, Message, ReplyParameters, User } from 'grammy/types';
import type { Args } from './args.ts';
import type { BotAccount } from './bot-account.ts';
import type { PostOptions, TelegramChat } from './chat.ts';
import { badRequest, forbidden } from './errors.ts';
import type { UploadedFile } from './request.ts';
import type { AdminRight } from './rights.ts';
import type { Method, Result } from './types.ts';
import type { World } from './world.ts';

/** One call of a method, with what its handler needs. */
export interface Call {
  readonly world: World;
  readonly bot: BotAccount;
  readonly args: Args;
  readonly files: ReadonlyMap<string, UploadedFile>;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

/** Handlers by method, typed by what each must answer with. */
export type Handlers<M extends Method = Method> = {
  [Name in M]: (call: Call) => Result<Name> | Promise<Result<Name>>;
};

/**
 * The chat that a call names, if the bot may see it.
 *
 * @throws {BotApiError} 400 when there is none, 403 when the bot is not in it.
 */
export function chatOfCall({ world, bot, args }: Call, name = 'chat_id'): TelegramChat {
  if (!args.has(name)) throw badRequest(`${name} is empty`);
  const raw = args.text(name);
  const id = raw.startsWith('@') ? raw : args.integer(name);
  if (id === undefined) throw badRequest('chat not found');
  if (typeof id === 'number' && id > 0) return dialogueOf(world, bot, id);
  const chat = world.chat(id);
  if (!chat) throw badRequest('chat not found');
  if (chat.migratedTo) {
    const parameters = { migrate_to_chat_id: chat.migratedTo.id };
    throw badRequest('group chat was upgraded to a supergroup chat', parameters);
  }
  requirePresence(chat, bot);
  return chat;
}

function dialogueOf(world: World, bot: BotAccount, userId: number): TelegramChat {
  const user = world.user(userId);
  if (!user) throw badRequest('chat not found');
  if (user.is_bot) throw forbidden("bots can't send messages to bots");
  const chat = world.dialogue(bot.user, user);
  if (!chat) {
    if (world.haveMet(bot.user, user)) throw forbidden("bot can't initiate conversation with a user");
    throw badRequest('chat not found');
  }
  if (!chat.members.has(bot.user)) throw forbidden('bot was blocked by the user');
  return chat;
}

function requirePresence(chat: TelegramChat, bot: BotAccount): void {
  if (chat.members.has(bot.user)) return;
  const kind = chat.type === 'group' ? 'group' : chat.type;
  if (chat.members.of(bot.user).status === 'kicked') throw forbidden(`bot was kicked from the ${kind} chat`);
  throw forbidden(`bot is not a member of the ${kind} chat`);
}

/** @throws {BotApiError} 400 when the bot lacks the right. */
export function requireRight(chat: TelegramChat, { bot }: Call, right: AdminRight, why = 'not enough rights'): void {
  if (!chat.members.can(bot.user, right)) throw badRequest(why);
}

/** @throws {BotApiError} 400 in other kinds of chat. */
export function requireSupergroup(chat: TelegramChat): void {
  if (chat.type !== 'supergroup') throw badRequest('method is available only for supergroups');
}

/** @throws {BotApiError} 400 when there is no such user. */
export function userOfCall({ world, args }: Call, name = 'user_id'): User {
  const id = args.integer(name);
  if (id === undefined) throw badRequest('invalid user_id specified');
  const user = world.user(id);
  if (!user) throw badRequest('user not found');
  return user;
}

/** @throws {BotApiError} 400 when the message is not there; `purpose` says what for, as in "message to edit not found". */
export function messageOfCall(call: Call, chat: TelegramChat, purpose: string, name = 'message_id'): Message {
  const id = call.args.integer(name);
  if (id === undefined) throw badRequest('message identifier is not specified');
  const message = chat.message(id);
  if (!message) throw badRequest(`message to ${purpose} not found`);
  return message;
}

/** Which message is replied to and which topic written in. @throws {BotApiError} 400 when one is not there. */
export function postOptions(call: Call, chat: TelegramChat): PostOptions {
  const { args } = call;
  const reply: ReplyParameters = args.json('reply_parameters') ?? {
    message_id: args.integer('reply_to_message_id'),
    allow_sending_without_reply: args.flag('allow_sending_without_reply'),
  };
  const replyTo = reply.message_id === undefined ? undefined : chat.message(Number(reply.message_id));
  if (reply.message_id !== undefined && !replyTo && !reply.allow_sending_without_reply) {
    throw badRequest('message to be replied not found');
  }
  const threadId = args.integer('message_thread_id');
  if (threadId !== undefined && chat.json.is_forum && !chat.topics.has(threadId)) {
    throw badRequest('message thread not found');
  }
  return { replyTo, threadId: threadId ?? (chat.json.is_forum ? replyTo?.message_thread_id : undefined) };
}

/** The inline keyboard given, as a message carries it; other keyboards are not part of a message. */
export function keyboardOf({ args }: Call): { reply_markup?: InlineKeyboardMarkup } {
  const markup = args.json<Partial<InlineKeyboardMarkup>>('reply_markup');
  if (!markup?.inline_keyboard) return {};
  for (const button of markup.inline_keyboard.flat()) {
    if (!button.text) throw badRequest('can\'t parse inline keyboard button: field "text" must be non-empty');
    if (Object.keys(button).length === 1) throw badRequest('text buttons are unallowed in the inline keyboard');
    if ('callback_data' in button && Buffer.byteLength(button.callback_data) > 64)
      throw badRequest('BUTTON_DATA_INVALID');
  }
  return { reply_markup: { inline_keyboard: markup.inline_keyboard } };
}

/** @throws {BotApiError} 400 when the bot may not write here what takes this permission. */
export function requireVoice(
  chat: TelegramChat,
  { bot }: Call,
  permission: Parameters<TelegramChat['members']['may']>[1],
  what: string,
): void {
  if (chat.type === 'channel') {
    if (!chat.members.can(bot.user, 'can_post_messages')) {
      throw badRequest('need administrator rights in the channel chat');
    }
    return;
  }
  if (chat.type !== 'private' && !chat.members.may(bot.user, permission, chat.permissions)) {
    throw badRequest(`not enough rights to send ${what} to the chat`);
  }
}
