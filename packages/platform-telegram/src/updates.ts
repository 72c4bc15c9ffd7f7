import type { Actor, Target } from '@botaudit/api';
import { type InboundEvent, ownKeys, read, readId, readIds } from '@botaudit/instrumentation';
import {
  ATTR_BOT_CHAT_ID,
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_COMMAND_NAME,
  ATTR_BOT_THREAD_ID,
  ATTR_BOT_UPDATE_ID,
  ATTR_BOT_UPDATE_TYPE,
  type EventName,
} from '@botaudit/record';
import type { Update } from '@grammyjs/types';
import { ANONYMOUS, chatActor, messageActor, SYSTEM, userActor } from './actor.js';
import { commandOf } from './command.js';
import { updateContent } from './content.js';
import { chatTarget, idInChat, messageTarget, telegramId, userTarget } from './ids.js';
import { membershipVerb } from './membership.js';
import { serviceMeaning } from './service-messages.js';

/** What an update means; ids only, never what somebody wrote: that is its content. */
interface Meaning {
  readonly name: EventName;
  readonly action?: string | undefined;
  readonly actor: Actor;
  readonly target?: Target | undefined;
  /** Unix time in seconds. */
  readonly date?: unknown;
  /** Default: the payload's own chat. */
  readonly chat?: unknown;
  readonly thread?: string | undefined;
  readonly command?: string | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

type Mapping = (payload: unknown, username: string | undefined) => Meaning;

const written: Mapping = (message, username) => {
  const common = {
    actor: messageActor(message),
    date: read(message, 'date'),
    thread: readId(message, 'message_thread_id') ?? readId(message, 'direct_messages_topic', 'topic_id'),
  };
  const command = commandOf(message, username);
  if (command !== undefined) return { ...common, name: 'bot.command', target: messageTarget(message), command };
  const service = serviceMeaning(message);
  if (!service) return { ...common, name: 'bot.message', target: messageTarget(message) };
  return {
    ...common,
    name: service.name,
    action: typeof service.action === 'function' ? service.action(message) : service.action,
    target: service.target?.(message) ?? messageTarget(message),
    body: service.body?.(message),
  };
};

const edited: Mapping = (message) => ({
  name: 'bot.message',
  action: 'UPDATE',
  actor: messageActor(message),
  target: messageTarget(message),
  date: read(message, 'edit_date'),
  thread: readId(message, 'message_thread_id'),
});

const membership: Mapping = (change) => ({
  name: 'bot.event',
  action: membershipVerb(change),
  actor: userActor(read(change, 'from'), read(change, 'chat')),
  target: userTarget(read(change, 'new_chat_member', 'user')),
  date: read(change, 'date'),
});

const asked =
  (name: EventName, action: string, type: string): Mapping =>
  (query) => ({ name, action, actor: userActor(read(query, 'from')), target: thing(readId(query, 'id'), type) });

const boost =
  (path: readonly string[], date: readonly string[]): Mapping =>
  (payload) => {
    const user = read(payload, ...path, 'source', 'user');
    return {
      name: 'bot.activity',
      actor: user === undefined ? ANONYMOUS : userActor(user),
      target: chatTarget(read(payload, 'chat')),
      date: read(payload, ...date),
    };
  };

function thing(id: string | undefined, type: string): Target | undefined {
  return id === undefined ? undefined : { id: telegramId(id), type };
}

/** Every kind of update that the Bot API knows. */
export const UPDATES = {
  message: written,
  channel_post: written,
  business_message: written,
  guest_message: written,
  edited_message: edited,
  edited_channel_post: edited,
  edited_business_message: edited,

  callback_query: (query) => ({
    name: 'bot.callback',
    actor: userActor(read(query, 'from')),
    target:
      messageTarget(read(query, 'message')) ??
      thing(readId(query, 'inline_message_id') ?? readId(query, 'id'), 'message'),
    chat: read(query, 'message', 'chat'),
    thread: readId(query, 'message', 'message_thread_id'),
  }),
  stopped_message_generation: (stopped) => ({
    name: 'bot.callback',
    action: 'STOP',
    // The chat is private, and so has the id of its user.
    actor: userActor(read(stopped, 'chat')),
    target: chatTarget(read(stopped, 'chat')),
    thread: readId(stopped, 'message_thread_id'),
  }),

  chat_member: membership,
  my_chat_member: membership,
  chat_join_request: (request) => ({
    name: 'bot.event',
    action: 'REQUEST',
    actor: userActor(read(request, 'from')),
    target: chatTarget(read(request, 'chat')),
    date: read(request, 'date'),
  }),
  business_connection: (connection) => ({
    name: 'bot.event',
    action: read(connection, 'is_enabled') === true ? 'GRANT' : 'REVOKE',
    actor: userActor(read(connection, 'user')),
    target: thing(readId(connection, 'id'), 'account'),
    date: read(connection, 'date'),
  }),
  managed_bot: (managed) => ({
    name: 'bot.event',
    actor: userActor(read(managed, 'user')),
    target: thing(readId(managed, 'bot', 'id'), 'bot'),
  }),

  shipping_query: asked('bot.event', 'REQUEST', 'payment'),
  pre_checkout_query: asked('bot.event', 'REQUEST', 'payment'),
  purchased_paid_media: (purchase) => ({
    name: 'bot.event',
    action: 'PAY',
    actor: userActor(read(purchase, 'from')),
    target: { type: 'media' },
  }),
  subscription: (subscription) => ({
    name: 'bot.event',
    actor: userActor(read(subscription, 'user')),
    target: { type: 'subscription' },
  }),

  inline_query: asked('bot.activity', 'READ', 'query'),
  chosen_inline_result: (chosen) => ({
    name: 'bot.activity',
    action: 'SEND',
    actor: userActor(read(chosen, 'from')),
    target: thing(readId(chosen, 'inline_message_id'), 'message'),
  }),
  message_reaction: (reaction) => ({
    name: 'bot.activity',
    actor: chatActor(read(reaction, 'actor_chat')) ?? userActor(read(reaction, 'user')),
    target: messageTarget(reaction),
    date: read(reaction, 'date'),
  }),
  message_reaction_count: (reaction) => ({
    name: 'bot.activity',
    actor: ANONYMOUS,
    target: messageTarget(reaction),
    date: read(reaction, 'date'),
  }),
  poll: (poll) => ({ name: 'bot.activity', actor: SYSTEM, target: thing(readId(poll, 'id'), 'poll') }),
  poll_answer: (answer) => ({
    name: 'bot.activity',
    actor: chatActor(read(answer, 'voter_chat')) ?? userActor(read(answer, 'user')),
    target: thing(readId(answer, 'poll_id'), 'poll'),
  }),
  deleted_business_messages: (deleted) => {
    const chat = readId(deleted, 'chat', 'id');
    const ids = readIds(deleted, ['message_ids'], MAX_MESSAGES);
    const only = chat !== undefined && ids.length === 1 && ids[0] !== undefined ? idInChat(chat, ids[0]) : undefined;
    return {
      name: 'bot.activity',
      action: 'DELETE',
      // Either side of the chat may have done it.
      actor: ANONYMOUS,
      target: only === undefined ? chatTarget(read(deleted, 'chat')) : { id: only, type: 'message' },
      body: ids.length > 1 ? { message_ids: ids } : undefined,
    };
  },
  chat_boost: boost(['boost'], ['boost', 'add_date']),
  removed_chat_boost: boost([], ['remove_date']),
} as const satisfies Record<Exclude<keyof Update, 'update_id'>, Mapping>;

const MAX_MESSAGES = 100;

/** A kind of update that is newer than this table. */
const unheardOf: Mapping = (payload) => ({
  name: 'bot.activity',
  actor: userActor(read(payload, 'from') ?? read(payload, 'user'), read(payload, 'chat')),
  date: read(payload, 'date'),
});

/**
 * Maps an update to the event that it is. Never throws, whatever the update looks like.
 *
 * @param username the bot's own, by which it knows commands to itself.
 */
export function mapUpdate(update: unknown, username: string | undefined): InboundEvent {
  const type = updateType(update);
  const payload = type === undefined ? undefined : read(update, type);
  const map: Mapping = type !== undefined && isKnown(type) ? UPDATES[type] : unheardOf;
  const meaning = map(payload, username);
  const chat = meaning.chat ?? read(payload, 'chat');
  return {
    name: meaning.name,
    action: meaning.action,
    actor: meaning.actor,
    target: meaning.target,
    timestamp: dateOf(meaning.date),
    attributes: {
      [ATTR_BOT_UPDATE_ID]: readId(update, 'update_id'),
      [ATTR_BOT_UPDATE_TYPE]: type,
      [ATTR_BOT_CHAT_ID]: readId(chat, 'id'),
      [ATTR_BOT_CHAT_TYPE]: readId(chat, 'type'),
      [ATTR_BOT_THREAD_ID]: meaning.thread,
      [ATTR_BOT_COMMAND_NAME]: meaning.command,
    },
    body: meaning.body,
    content: () => updateContent(type, payload, meaning.command !== undefined),
    update: () => update,
  };
}

function isKnown(type: string): type is keyof typeof UPDATES {
  return Object.hasOwn(UPDATES, type);
}

const TYPE = /^[a-z_]{1,64}$/;

/** An update has one member beside its id, named for what it is. */
function updateType(update: unknown): string | undefined {
  const keys = ownKeys(update);
  return keys.find(isKnown) ?? keys.find((key) => key !== 'update_id' && TYPE.test(key));
}

/** The latest time that a Date can hold, in seconds. */
const MAX_SECONDS = 8.64e12;

function dateOf(seconds: unknown): Date | undefined {
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MAX_SECONDS)) return undefined;
  return new Date(seconds * 1000);
}
