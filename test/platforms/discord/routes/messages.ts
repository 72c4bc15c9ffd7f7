import { emptyMessage, invalidBody, missingAccess, missingPermissions, unknown } from '../errors.ts';
import type { Channel, Message } from '../world.ts';
import { channelOf, type RouteContext, type Routes } from './route.ts';

const MAX_CONTENT = 2_000;

/** What of a body becomes part of a message. */
export function contentOf({ body, call }: Pick<RouteContext, 'body' | 'call'>): { content: string; more: object } {
  const { content = '', components, embeds, flags, poll } = body;
  if (typeof content === 'string' && content.length > MAX_CONTENT) {
    throw invalidBody('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_CONTENT} or fewer in length.`);
  }
  const isEmpty = content === '' && !components && !poll && call.files.length === 0 && !(embeds as unknown[])?.length;
  if (isEmpty) throw emptyMessage();
  const given = Object.entries({ components, embeds, flags }).filter(([, value]) => value !== undefined);
  return { content: String(content ?? ''), more: Object.fromEntries(given) };
}

export function messageOf({ params }: RouteContext, channel: Channel, index = 1): Message {
  const message = channel.messages.get(params[index] ?? '');
  if (!message) throw unknown('message');
  return message;
}

/** A channel that the bot can see. */
function writable(context: RouteContext): Channel {
  const channel = channelOf(context);
  const { bot } = context;
  const isThere = channel.guild ? channel.guild.members.has(bot.id) : channel.recipients.includes(bot.user);
  if (!isThere) throw missingAccess();
  return channel;
}

const reacted =
  (event: string) =>
  (context: RouteContext): undefined => {
    const channel = channelOf(context);
    const message = messageOf(context, channel);
    const emoji = { id: null, name: decodeURIComponent(context.params[2] ?? '') };
    const what = { user_id: context.bot.id, channel_id: channel.id, message_id: message.id, emoji };
    context.feed.inChannel(channel, event, what);
  };

const pinned =
  (isPinned: boolean) =>
  (context: RouteContext): undefined => {
    const channel = channelOf(context);
    context.feed.edit(channel, messageOf(context, channel), { pinned: isPinned });
  };

export const MESSAGES: Routes = {
  'GET /channels/:x/messages': (context) => [...channelOf(context).messages.values()].reverse(),
  'GET /channels/:x/messages/:x': (context) => messageOf(context, channelOf(context)),
  'POST /channels/:x/messages': (context) => {
    const channel = writable(context);
    const { content, more } = contentOf(context);
    const { nonce } = context.body;
    return context.feed.write(channel, context.bot.user, content, { ...more, ...(nonce !== undefined && { nonce }) });
  },
  'PATCH /channels/:x/messages/:x': (context) => {
    const channel = writable(context);
    const message = messageOf(context, channel);
    if (message.author.id !== context.bot.id) throw missingPermissions();
    return context.feed.edit(channel, message, context.body);
  },
  'DELETE /channels/:x/messages/:x': (context) => {
    const channel = writable(context);
    const message = messageOf(context, channel);
    const isOwn = message.author.id === context.bot.id;
    if (!isOwn && !channel.guild?.moderators.has(context.bot.id)) throw missingPermissions();
    context.feed.delete(channel, [message.id]);
  },
  'POST /channels/:x/messages/bulk-delete': (context) => {
    const channel = writable(context);
    if (!channel.guild?.moderators.has(context.bot.id)) throw missingPermissions();
    context.feed.delete(channel, context.body.messages as string[]);
  },
  'PUT /channels/:x/messages/:x/reactions/:x/@me': reacted('MESSAGE_REACTION_ADD'),
  'DELETE /channels/:x/messages/:x/reactions/:x/@me': reacted('MESSAGE_REACTION_REMOVE'),
  'PUT /channels/:x/messages/pins/:x': pinned(true),
  'DELETE /channels/:x/messages/pins/:x': pinned(false),
  'PUT /channels/:x/pins/:x': pinned(true),
  'DELETE /channels/:x/pins/:x': pinned(false),
};
