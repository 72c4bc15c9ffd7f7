import { plant } from '../../../support/planted/planted.ts';
import { acknowledged, unknown } from '../errors.ts';
import { snowflake } from '../snowflake.ts';
import type { Channel, Interaction, Message, User } from '../world.ts';
import { contentOf, messageOf } from './messages.ts';
import { channelOf, type RouteContext, type Routes } from './route.ts';

/** Discord waits this long for the first answer to an interaction. */
const FIRST_ANSWER_MS = 3_000;

/** `InteractionResponseType`. */
const ANSWER = { message: 4, deferred: 5, update: 7 } as const;

/** What a path names with a token: an interaction of the application's, or a webhook. */
function place({ world, params }: RouteContext): { channel: Channel; author: User; interaction?: Interaction } {
  const [id, token = ''] = params;
  const interaction = world.interactions.get(token);
  if (interaction && interaction.bot.id === id)
    return { channel: interaction.channel, author: interaction.bot.user, interaction };
  const webhook = world.webhooks.get(id ?? '');
  if (webhook?.token !== token) throw unknown('webhook');
  const author: User = { id: webhook.id, username: webhook.name, discriminator: '0', global_name: null, avatar: null };
  return { channel: webhook.channel, author };
}

function send(context: RouteContext): Message | undefined {
  const { channel, author, interaction } = place(context);
  const { content, more } = contentOf(context);
  const message = context.feed.write(channel, author, content, {
    ...more,
    webhook_id: author.id,
    ...(interaction && { application_id: interaction.bot.id }),
  });
  return context.query.get('wait') === 'true' || interaction ? message : undefined;
}

function original(context: RouteContext): { channel: Channel; message: Message } {
  const { channel, interaction } = place(context);
  const message = channel.messages.get(interaction?.original ?? '');
  if (!message) throw unknown('message');
  return { channel, message };
}

function answer(context: RouteContext): unknown {
  const { world, params, feed, query } = context;
  const [id, token = ''] = params;
  const interaction = world.interactions.get(token);
  if (!interaction || interaction.id !== id || Date.now() - interaction.since > FIRST_ANSWER_MS)
    throw unknown('interaction');
  if (interaction.answer) throw acknowledged();
  const { type } = context.body;
  const data = (context.body.data ?? {}) as Record<string, unknown>;
  const { channel, bot } = interaction;
  if (type === ANSWER.message || type === ANSWER.deferred) {
    const { content, more } =
      type === ANSWER.message ? contentOf({ call: context.call, body: data }) : { content: '', more: { flags: 128 } };
    const answers = { webhook_id: bot.id, application_id: bot.id, type: 20 };
    interaction.original = feed.write(channel, bot.user, content, { ...more, ...answers }).id;
  } else if (type === ANSWER.update) {
    const message = channel.messages.get(interaction.original ?? '');
    if (message) feed.edit(channel, message, data);
  }
  interaction.answer = context.body;
  if (query.get('with_response') !== 'true') return undefined;
  const message = channel.messages.get(interaction.original ?? '');
  return {
    interaction: { id, type: interaction.payload.type, ...(message && { response_message_id: message.id }) },
    ...(message && { resource: { type, message } }),
  };
}

export const INTERACTIONS: Routes = {
  'POST /interactions/:x/:x/callback': answer,
  'POST /webhooks/:x/:x': send,
  'GET /webhooks/:x/:x/messages/@original': (context) => original(context).message,
  'PATCH /webhooks/:x/:x/messages/@original': (context) => {
    const { channel, message } = original(context);
    return context.feed.edit(channel, message, context.body);
  },
  'DELETE /webhooks/:x/:x/messages/@original': (context) => {
    const { channel, message } = original(context);
    context.feed.delete(channel, [message.id]);
  },
  'PATCH /webhooks/:x/:x/messages/:x': (context) => {
    const { channel } = place(context);
    return context.feed.edit(channel, messageOf(context, channel, 2), context.body);
  },
  'DELETE /webhooks/:x/:x/messages/:x': (context) => {
    const { channel } = place(context);
    context.feed.delete(channel, [messageOf(context, channel, 2).id]);
  },
  'POST /channels/:x/webhooks': (context) => {
    const channel = channelOf(context);
    // As long as Discord's, by which some know them.
    const token = plant('a webhook token', `${crypto.randomUUID()}${crypto.randomUUID()}`.slice(0, 68));
    const webhook = { id: snowflake(), token, name: String(context.body.name), channel };
    context.world.webhooks.set(webhook.id, webhook);
    context.feed.inChannel(channel, 'WEBHOOKS_UPDATE', { channel_id: channel.id });
    const { id, name } = webhook;
    return { id, token, name, type: 1, channel_id: channel.id, guild_id: channel.guild?.id, application_id: null };
  },
};
