import { SlackApiError } from '../errors.ts';
import { type Call, channelOf, type Method, messageOf, text } from './types.ts';

function posted(call: Call) {
  const channel = channelOf(call);
  const { workspace, bot } = call.installation;
  if (channel.archived) throw new SlackApiError('is_archived');
  if (!channel.members.has(bot.id)) throw new SlackApiError('not_in_channel');
  const { text: said, blocks, attachments, thread_ts: threadTs } = call.args;
  if (said === undefined && blocks === undefined && attachments === undefined) throw new SlackApiError('no_text');
  const message = workspace.post(channel, {
    user: bot.id,
    botId: bot.botId,
    text: String(said ?? ''),
    ...(blocks !== undefined && { blocks }),
    ...(typeof threadTs === 'string' && { threadTs }),
  });
  return {
    channel,
    message,
    answer: {
      channel: channel.id,
      ts: message.ts,
      message: { text: message.text, ts: message.ts, user: bot.id, bot_id: bot.botId },
    },
  };
}

export const CHAT: Readonly<Record<string, Method>> = {
  'chat.postMessage': (call) => posted(call).answer,
  'chat.postEphemeral': (call) => {
    const channel = channelOf(call);
    if (!channel.members.has(text(call.args, 'user'))) throw new SlackApiError('user_not_in_channel');
    return { message_ts: call.server.ids.timestamp() };
  },
  'chat.scheduleMessage': (call) => ({
    channel: channelOf(call).id,
    scheduled_message_id: call.server.ids.next('Q'),
    post_at: call.args.post_at,
  }),
  'chat.update': (call) => {
    const message = messageOf(call);
    if (message.user !== call.installation.bot.id) throw new SlackApiError('cant_update_message');
    message.text = String(call.args.text ?? message.text);
    return { channel: message.channel, ts: message.ts, text: message.text };
  },
  'chat.delete': (call) => {
    const message = messageOf(call);
    const { messages } = channelOf(call);
    messages.splice(messages.indexOf(message), 1);
    return { channel: message.channel, ts: message.ts };
  },
  'reactions.add': (call) => {
    messageOf(call, 'timestamp');
    text(call.args, 'name');
    return {};
  },
  'pins.add': (call) => {
    const { ts } = messageOf(call, 'timestamp');
    const { pins } = channelOf(call);
    if (pins.has(ts)) throw new SlackApiError('already_pinned');
    pins.add(ts);
    return {};
  },
};
