import type { ChatFullInfo } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, messageOfCall, requireRight, requireSupergroup } from '../call.ts';
import type { TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { fileOfCall } from '../media.ts';
import { changeMember } from '../membership.ts';

function requireGroup(chat: TelegramChat): void {
  if (chat.type === 'private') throw badRequest("can't change the chat in private chats");
}

function requirePinRight(chat: TelegramChat, call: Call): void {
  if (chat.type === 'private') return;
  const right = chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages';
  requireRight(chat, call, right, 'not enough rights to manage pinned messages in the chat');
}

function unpin(chat: TelegramChat, matches: (id: number) => boolean): void {
  for (const id of [...chat.pinned].filter(matches)) chat.pinned.splice(chat.pinned.indexOf(id), 1);
  chat.world.signal.notify();
}

function fullInfo(chat: TelegramChat): ChatFullInfo {
  const pin = chat.pinned.at(-1);
  const { photo } = chat;
  return {
    ...chat.json,
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: true,
      limited_gifts: true,
      unique_gifts: true,
      premium_subscription: true,
      gifts_from_channels: true,
    },
    ...(chat.type !== 'private' && { permissions: chat.permissions }),
    ...(chat.description !== undefined && { description: chat.description }),
    ...(chat.stickerSet !== undefined && { sticker_set_name: chat.stickerSet }),
    ...(pin !== undefined && { pinned_message: chat.message(pin) }),
    ...(photo && {
      photo: {
        small_file_id: photo.fileId,
        small_file_unique_id: photo.uniqueId,
        big_file_id: photo.fileId,
        big_file_unique_id: photo.uniqueId,
      },
    }),
  } as ChatFullInfo;
}

/** A chat's appearance, its pins, and leaving it. */
export const chatMethods: Handlers<
  | 'getChat'
  | 'setChatTitle'
  | 'setChatDescription'
  | 'setChatPhoto'
  | 'deleteChatPhoto'
  | 'setChatStickerSet'
  | 'deleteChatStickerSet'
  | 'pinChatMessage'
  | 'unpinChatMessage'
  | 'unpinAllChatMessages'
  | 'leaveChat'
> = {
  getChat: (call) => fullInfo(chatOfCall(call)),

  setChatTitle(call) {
    const { args, bot } = call;
    const chat = chatOfCall(call);
    requireGroup(chat);
    requireRight(chat, call, 'can_change_info', 'not enough rights to change chat title');
    const title = args.text('title');
    if (title === '') throw badRequest('title must be non-empty');
    if (title === chat.title) throw badRequest('CHAT_NOT_MODIFIED');
    chat.title = title;
    chat.post(bot.user, { new_chat_title: title });
    return true;
  },

  setChatDescription(call) {
    const chat = chatOfCall(call);
    requireGroup(chat);
    requireRight(chat, call, 'can_change_info', 'not enough rights to set chat description');
    const description = call.args.text('description');
    if (description === (chat.description ?? '')) throw badRequest('chat description is not modified');
    chat.description = description;
    return true;
  },

  setChatPhoto(call) {
    const chat = chatOfCall(call);
    requireGroup(chat);
    requireRight(chat, call, 'can_change_info', 'not enough rights to change chat photo');
    if (!call.args.text('photo').startsWith('attach://')) throw badRequest('photo must be uploaded as an InputFile');
    chat.photo = fileOfCall(call, call.args.text('photo'), 'photo');
    return true;
  },

  deleteChatPhoto(call) {
    const chat = chatOfCall(call);
    requireGroup(chat);
    requireRight(chat, call, 'can_change_info', 'not enough rights to change chat photo');
    chat.photo = undefined;
    return true;
  },

  setChatStickerSet(call) {
    const chat = chatOfCall(call);
    requireSupergroup(chat);
    requireRight(chat, call, 'can_change_info');
    if (!call.args.has('sticker_set_name')) throw badRequest('sticker_set_name is empty');
    chat.stickerSet = call.args.text('sticker_set_name');
    return true;
  },

  deleteChatStickerSet(call) {
    const chat = chatOfCall(call);
    requireSupergroup(chat);
    requireRight(chat, call, 'can_change_info');
    chat.stickerSet = undefined;
    return true;
  },

  pinChatMessage(call) {
    const chat = chatOfCall(call);
    const message = messageOfCall(call, chat, 'pin');
    requirePinRight(chat, call);
    unpin(chat, (id) => id === message.message_id);
    chat.pinned.push(message.message_id);
    chat.post(call.bot.user, { pinned_message: message });
    return true;
  },

  unpinChatMessage(call) {
    const chat = chatOfCall(call);
    requirePinRight(chat, call);
    const id = call.args.integer('message_id') ?? chat.pinned.at(-1);
    if (id === undefined || !chat.pinned.includes(id)) throw badRequest('message to unpin not found');
    unpin(chat, (other) => other === id);
    return true;
  },

  unpinAllChatMessages(call) {
    const chat = chatOfCall(call);
    requirePinRight(chat, call);
    unpin(chat, () => true);
    return true;
  },

  leaveChat(call) {
    const chat = chatOfCall(call);
    if (chat.type === 'private') throw badRequest("chat can't be left");
    changeMember(chat, { by: call.bot.user, next: { status: 'left', user: call.bot.user } });
    return true;
  },
};
