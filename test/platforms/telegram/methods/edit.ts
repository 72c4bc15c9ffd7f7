import { isDeepStrictEqual } from 'node:util';
import type { Message, Poll, RichMessage } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, keyboardOf, messageOfCall, requireRight } from '../call.ts';
import type { Content, TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { captionOf, contentOfItem } from './send-media.ts';
import { checklistOf, locationOf, textContent } from './send-text.ts';

type Edited = Message & { edit_date: number };

const TEXT = ['text', 'entities', 'rich_message'] as const;
const CAPTION = ['caption', 'caption_entities'] as const;
const MEDIA = ['photo', 'live_photo', 'audio', 'document', 'video', 'animation'] as const;

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
  'content and reply markup of the message';

/** The message to edit, if the bot may; `undefined` for one sent inline, which is not kept here. */
function editable(call: Call): { chat: TelegramChat; message: Message } | undefined {
  const { args, bot } = call;
  if (args.has('inline_message_id')) return undefined;
  const chat = chatOfCall(call);
  const message = messageOfCall(call, chat, 'edit');
  const mine = chat.author(message)?.id === bot.id;
  const mayEditOthers = chat.type === 'channel' && chat.members.can(bot.user, 'can_edit_messages');
  if (!mine && !mayEditOthers) throw badRequest("message can't be edited");
  return { chat, message };
}

/**
 * Puts content in place of what the message that a call names has of `parts`. A keyboard that is not given is taken
 * away.
 */
function edit<C extends Content>(call: Call, parts: readonly (keyof Message)[], content: C): (Edited & C) | true {
  const place = editable(call);
  if (!place) return true;
  const { chat, message } = place;
  const rest: Message = { ...message };
  for (const part of [...parts, 'reply_markup' as const]) delete rest[part];
  const next = { ...content, ...keyboardOf(call) };
  if (isDeepStrictEqual({ ...rest, ...next }, message)) throw badRequest(NOT_MODIFIED);
  return chat.edit(rest, next, call.bot.user, parts.length === 0);
}

function mayDelete(chat: TelegramChat, call: Call, message: Message): boolean {
  const mine = chat.author(message)?.id === call.bot.id;
  return mine || chat.type === 'private' || chat.members.can(call.bot.user, 'can_delete_messages');
}

/** Changes to messages that were sent, and their removal. */
export const editMethods: Handlers<
  | 'editMessageText'
  | 'editMessageCaption'
  | 'editMessageMedia'
  | 'editMessageReplyMarkup'
  | 'editMessageLiveLocation'
  | 'stopMessageLiveLocation'
  | 'editMessageChecklist'
  | 'stopPoll'
  | 'deleteMessage'
  | 'deleteMessages'
> = {
  editMessageText(call) {
    const rich = call.args.json<RichMessage>('rich_message');
    return rich
      ? edit(call, TEXT, { rich_message: { ...rich, blocks: rich.blocks ?? [] } })
      : edit(call, TEXT, textContent(call));
  },

  editMessageCaption: (call) => edit(call, CAPTION, captionOf(call.args)),

  editMessageMedia(call) {
    const media = call.args.json<Parameters<typeof contentOfItem>[1]>('media');
    if (!media) throw badRequest('media is not specified');
    return edit(call, [...MEDIA, ...CAPTION], contentOfItem(call, media));
  },

  editMessageReplyMarkup: (call) => edit(call, [], {}),

  editMessageLiveLocation: (call) => edit(call, ['location'], { location: locationOf(call) }),

  stopMessageLiveLocation(call) {
    const place = editable(call);
    if (!place) return true;
    const { location } = place.message;
    if (!location?.live_period) throw badRequest("message can't be edited");
    const { live_period: _, ...final } = location;
    return place.chat.edit(place.message, { location: final }, call.bot.user);
  },

  editMessageChecklist(call) {
    const edited = edit(call, ['checklist'], { checklist: checklistOf(call) });
    if (edited === true) throw badRequest('message to edit not found');
    return edited;
  },

  stopPoll(call): Poll {
    const { bot } = call;
    const chat = chatOfCall(call);
    const message = messageOfCall(call, chat, 'be edited');
    if (!message.poll || chat.author(message)?.id !== bot.id) throw badRequest("poll can't be stopped");
    if (message.poll.is_closed) throw badRequest('poll has already been closed');
    const poll: Poll = { ...message.poll, is_closed: true };
    chat.edit(message, { poll, ...keyboardOf(call) }, bot.user);
    bot.queue.push({ poll });
    return poll;
  },

  deleteMessage(call) {
    const chat = chatOfCall(call);
    const message = messageOfCall(call, chat, 'delete');
    if (!mayDelete(chat, call, message)) throw badRequest("message can't be deleted");
    chat.delete(message.message_id);
    return true;
  },

  deleteMessages(call) {
    const chat = chatOfCall(call);
    const ids = call.args.json<number[]>('message_ids') ?? [];
    if (ids.length === 0) throw badRequest('message identifiers are not specified');
    if (ids.length > 100) throw badRequest('too many message identifiers specified');
    const messages = ids.map((id) => chat.message(id)).filter((message) => message !== undefined);
    if (messages.some((message) => !mayDelete(chat, call, message))) requireRight(chat, call, 'can_delete_messages');
    for (const { message_id } of messages) chat.delete(message_id);
    return true;
  },
};
