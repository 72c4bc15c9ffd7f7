import { SlackApiError } from '../errors.ts';
import type { SlackChannel } from '../workspace.ts';
import { channelOf, type Method, page, text } from './types.ts';

const shown = ({ id, name, archived }: SlackChannel) => ({ id, name, is_archived: archived });

export const CONVERSATIONS: Readonly<Record<string, Method>> = {
  'conversations.create': ({ installation: { workspace, bot }, args }) => {
    const name = text(args, 'name');
    if ([...workspace.channels.values()].some((channel) => channel.name === name))
      throw new SlackApiError('name_taken');
    return { channel: shown(workspace.addChannel(name, [bot.id])) };
  },
  'conversations.info': (call) => ({ channel: shown(channelOf(call)) }),
  'conversations.list': ({ installation: { workspace }, args }) => {
    const { items, next } = page([...workspace.channels.values()].map(shown), args);
    return { channels: items, ...next };
  },
  'conversations.members': (call) => {
    const { items, next } = page([...channelOf(call).members], call.args);
    return { members: items, ...next };
  },
  'conversations.history': (call) => {
    const { items, next } = page(channelOf(call).messages.toReversed(), call.args);
    return { messages: items.map(({ ts, user, text: said }) => ({ type: 'message', ts, user, text: said })), ...next };
  },
  'conversations.join': (call) => {
    const channel = channelOf(call);
    channel.members.add(call.installation.bot.id);
    return { channel: shown(channel) };
  },
  'conversations.leave': (call) => {
    channelOf(call).members.delete(call.installation.bot.id);
    return {};
  },
  'conversations.invite': (call) => {
    const channel = channelOf(call);
    for (const user of text(call.args, 'users').split(',')) {
      if (!call.installation.workspace.users.has(user)) throw new SlackApiError('user_not_found');
      if (channel.members.has(user)) throw new SlackApiError('already_in_channel');
      channel.members.add(user);
    }
    return { channel: shown(channel) };
  },
  'conversations.kick': (call) => {
    const channel = channelOf(call);
    const user = text(call.args, 'user');
    if (user === call.installation.bot.id) throw new SlackApiError('cant_kick_self');
    if (!channel.members.delete(user)) throw new SlackApiError('not_in_channel');
    return {};
  },
  'conversations.archive': (call) => {
    const channel = channelOf(call);
    if (channel.archived) throw new SlackApiError('already_archived');
    channel.archived = true;
    return {};
  },
  'conversations.rename': (call) => {
    const channel = channelOf(call);
    channel.name = text(call.args, 'name');
    return { channel: shown(channel) };
  },
  'conversations.open': ({ installation: { workspace, bot }, args }) => {
    return { channel: { id: workspace.openDialogue([bot.id, ...text(args, 'users').split(',')]).id } };
  },
};
