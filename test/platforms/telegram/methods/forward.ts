import type { Message, MessageId, MessageOrigin } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, keyboardOf, messageOfCall, postOptions, requireVoice } from '../call.ts';
import type { Content, TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { captionOf } from './send-media.ts';

/** What belongs to a message's place and time rather than to its content. */
const PLACE: readonly (keyof Message)[] = [
  'message_id',
  'date',
  'chat',
  'from',
  'sender_chat',
  'reply_to_message',
  'reply_markup',
  'edit_date',
  'message_thread_id',
  'is_topic_message',
  'media_group_id',
];

function contentOf(message: Message): Content {
  const content: Content = { ...message };
  for (const name of PLACE) delete content[name];
  return content;
}

function originOf(message: Message): MessageOrigin {
  const { date, from, sender_chat, message_id } = message;
  if (message.forward_origin) return message.forward_origin;
  if (sender_chat?.type === 'channel') return { type: 'channel', date, chat: sender_chat, message_id };
  if (from) return { type: 'user', date, sender_user: from };
  return { type: 'hidden_user', date, sender_user_name: '' };
}

function send(call: Call, to: TelegramChat, content: Content): Message {
  requireVoice(to, call, 'can_send_messages', 'text messages');
  return to.post(call.bot.user, content, postOptions(call, to));
}

/** The messages that a call names by `message_ids`; those that are gone are left out, as Telegram does. */
function messagesOf(call: Call, from: TelegramChat): Message[] {
  const ids = call.args.json<number[]>('message_ids') ?? [];
  if (ids.length === 0) throw badRequest('message identifiers are not specified');
  if (ids.length > 100) throw badRequest('too many message identifiers specified');
  return ids.map((id) => from.message(id)).filter((message) => message !== undefined);
}

function unprotected(message: Message): Message {
  if (message.has_protected_content) throw badRequest("message can't be forwarded");
  return message;
}

/** Messages sent on, with or without their origin. */
export const forwardMethods: Handlers<'forwardMessage' | 'forwardMessages' | 'copyMessage' | 'copyMessages'> = {
  forwardMessage(call) {
    const to = chatOfCall(call);
    const message = unprotected(messageOfCall(call, chatOfCall(call, 'from_chat_id'), 'forward'));
    return send(call, to, { ...contentOf(message), forward_origin: originOf(message) });
  },

  forwardMessages(call): MessageId[] {
    const to = chatOfCall(call);
    return messagesOf(call, chatOfCall(call, 'from_chat_id')).map((message) => {
      const { message_id } = send(call, to, { ...contentOf(unprotected(message)), forward_origin: originOf(message) });
      return { message_id };
    });
  },

  copyMessage(call): MessageId {
    const to = chatOfCall(call);
    const message = messageOfCall(call, chatOfCall(call, 'from_chat_id'), 'copy');
    const { message_id } = send(call, to, { ...contentOf(message), ...captionOf(call.args), ...keyboardOf(call) });
    return { message_id };
  },

  copyMessages(call): MessageId[] {
    const to = chatOfCall(call);
    return messagesOf(call, chatOfCall(call, 'from_chat_id')).map((message) => {
      const { message_id } = send(call, to, contentOf(message));
      return { message_id };
    });
  },
};
