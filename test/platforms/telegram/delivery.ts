import type { Message, MessageEntity, User } from 'grammy/types';
import type { BotAccount } from './bot-account.ts';
import type { TelegramChat } from './chat.ts';
import { commandsIn } from './entities.ts';
import { isAdministrator } from './members.ts';
import type { UpdateBody, UpdateType } from './types.ts';

type MessageUpdate = Extract<UpdateType, 'message' | 'edited_message' | 'channel_post' | 'edited_channel_post'>;

/** The members of a message that make it one about the chat rather than one that somebody wrote. */
const WRITTEN: ReadonlySet<string> = new Set([
  'text',
  'rich_message',
  'animation',
  'audio',
  'document',
  'live_photo',
  'paid_media',
  'photo',
  'sticker',
  'story',
  'video',
  'video_note',
  'voice',
  'contact',
  'dice',
  'game',
  'poll',
  'venue',
  'location',
  'checklist',
  'invoice',
]);

/** Sends a message to the bots that may see it: never to its sender, nor what one bot says to another. */
export function deliverMessage(chat: TelegramChat, message: Message, from: User, type: MessageUpdate): void {
  if (from.is_bot && chat.type !== 'channel') return;
  for (const bot of chat.world.bots) {
    if (bot.id !== from.id && sees(bot, chat, message)) bot.queue.push({ [type]: message } as UpdateBody);
  }
}

/** Sends an update to the bots that are administrators of a chat. */
export function deliverToAdministrators(chat: TelegramChat, body: UpdateBody): void {
  for (const bot of chat.world.bots) {
    if (isAdministrator(chat.members.of(bot.user))) bot.queue.push(body);
  }
  chat.world.signal.notify();
}

/** Privacy mode: in groups a bot is sent what concerns it, unless it is an administrator or the mode is off. */
function sees(bot: BotAccount, chat: TelegramChat, message: Message): boolean {
  if (!chat.members.has(bot.user)) return false;
  if (chat.type === 'private') return true;
  if (chat.type === 'channel' || isAdministrator(chat.members.of(bot.user))) return true;
  if (bot.me.can_read_all_group_messages || !isWritten(message)) return true;
  if (message.reply_to_message?.from?.id === bot.id || message.via_bot?.id === bot.id) return true;
  return isForBot(bot, message.text ?? message.caption ?? '', message.entities ?? message.caption_entities ?? []);
}

function isWritten(message: Message): boolean {
  return Object.keys(message).some((name) => WRITTEN.has(name));
}

function isForBot(bot: BotAccount, text: string, entities: readonly MessageEntity[]): boolean {
  const mine = (username: string) => username.toLowerCase() === bot.me.username.toLowerCase();
  const [command] = commandsIn(text, entities);
  return command !== undefined && (command.addressee === undefined || mine(command.addressee));
}
