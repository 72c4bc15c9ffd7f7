import type { ReactionType } from 'grammy/types';
import { chatOfCall, type Handlers, messageOfCall, requireRight } from '../call.ts';
import { badRequest } from '../errors.ts';

/** Reactions to messages, and messages that one member alone sees. */
export const reactionMethods: Handlers<
  | 'setMessageReaction'
  | 'deleteMessageReaction'
  | 'deleteAllMessageReactions'
  | 'editEphemeralMessageText'
  | 'editEphemeralMessageMedia'
  | 'editEphemeralMessageCaption'
  | 'editEphemeralMessageReplyMarkup'
  | 'deleteEphemeralMessage'
> = {
  setMessageReaction(call) {
    const chat = chatOfCall(call);
    const message = messageOfCall(call, chat, 'react');
    const reaction = call.args.json<ReactionType[]>('reaction') ?? [];
    if (reaction.some(({ type }) => type === 'paid')) throw badRequest('REACTION_INVALID');
    const emoji = reaction.map((one) => (one.type === 'emoji' ? one.emoji : one.type));
    chat.reactions.set(`${message.message_id}:${call.bot.id}`, emoji);
    chat.world.signal.notify();
    return true;
  },

  deleteMessageReaction(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_delete_messages');
    const message = messageOfCall(call, chat, 'react');
    chat.reactions.delete(`${message.message_id}:${call.args.integer('user_id')}`);
    return true;
  },

  deleteAllMessageReactions(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_delete_messages');
    chat.reactions.clear();
    return true;
  },

  editEphemeralMessageText: (call) => Boolean(chatOfCall(call)) as true,
  editEphemeralMessageMedia: (call) => Boolean(chatOfCall(call)) as true,
  editEphemeralMessageCaption: (call) => Boolean(chatOfCall(call)) as true,
  editEphemeralMessageReplyMarkup: (call) => Boolean(chatOfCall(call)) as true,
  deleteEphemeralMessage: (call) => Boolean(chatOfCall(call)) as true,
};
