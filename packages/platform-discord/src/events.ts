import type { Actor, Target } from '@botaudit/api';
import { read, readIds } from '@botaudit/instrumentation';
import type { GatewayDispatchEvents } from 'discord-api-types/v10';
import { ANONYMOUS, actorOfId, authorActor, memberActor, SYSTEM, userActor } from './actor.js';
import { logEntryMeaning } from './audit-log.js';
import { discordId, isSnowflake, messageTarget, readSnowflake, target } from './ids.js';
import { mapInteraction } from './interactions.js';
import type { Mapping, Meaning } from './meaning.js';

/** The state of things, what keeps the connection, and signs of presence: nothing that anybody does. */
const NEVER: Mapping = undefined;

type Find<T> = (payload: unknown) => T;

/** What a payload is about, by where its id stands. */
const of =
  (type: string, ...path: readonly string[]): Find<Target | undefined> =>
  (payload) =>
    target(type, readSnowflake(payload, ...path));

const message =
  (key: string): Find<Target | undefined> =>
  (payload) =>
    messageTarget(readSnowflake(payload, 'channel_id'), readSnowflake(payload, key));

const someone: Find<Actor> = () => ANONYMOUS;
/** Whose id stands at `key`, where it stands there. */
const whoever =
  (...path: readonly string[]): Find<Actor> =>
  (payload) => {
    const id = readSnowflake(payload, ...path);
    return id === undefined ? ANONYMOUS : actorOfId(id);
  };

/** Recorded when it arrives: joins, roles, channels, moderation, payments. */
const happened =
  (action: string, what: Find<Target | undefined>, who: Find<Actor> = someone): Mapping =>
  (payload) => ({ name: 'bot.event', action, actor: who(payload), target: what(payload) });

/** Recorded only when the bot acts upon it: everything slighter. */
const noticed =
  (action: string, what: Find<Target | undefined>, who: Find<Actor> = someone): Mapping =>
  (payload) => ({ name: 'bot.activity', action, actor: who(payload), target: what(payload) });

const ofChannel =
  (action: string, key = 'id') =>
  (payload: unknown): Meaning => ({
    name: 'bot.event',
    action,
    actor: ANONYMOUS,
    target: target('channel', readSnowflake(payload, key)),
    channel: readSnowflake(payload, key),
    chatType: read(payload, 'type'),
  });

/** `MessageType` of what somebody wrote, and of what answers a command; all others tell of something that happened. */
const WRITTEN: readonly unknown[] = [0, 19, 20, 21, 23];
const MAX_MESSAGES = 100;
const MAX_MEMBERS = 100;

const created: Mapping = (payload) => ({
  name: WRITTEN.includes(read(payload, 'type') ?? 0) ? 'bot.message' : 'bot.activity',
  actor: authorActor(payload),
  target: message('id')(payload),
  id: readSnowflake(payload, 'id'),
  date: read(payload, 'timestamp'),
});

const edited: Mapping = (payload) => ({
  name: 'bot.message',
  action: 'UPDATE',
  // Discord changes messages too, such as by what a link leads to, and others pin them: nobody has edited them then.
  actor:
    read(payload, 'author') === undefined || read(payload, 'edited_timestamp') === null
      ? ANONYMOUS
      : authorActor(payload),
  // Its id is that of the message, which may be edited again: the edit has none.
  target: message('id')(payload),
  date: read(payload, 'edited_timestamp'),
});

/** A thread that was there before is one to which the bot was added. */
const thread: Mapping = (payload) => ofChannel(read(payload, 'newly_created') === true ? 'CREATE' : 'JOIN')(payload);

const deletedTogether: Mapping = (payload) => ({
  name: 'bot.activity',
  action: 'DELETE',
  actor: ANONYMOUS,
  target: of('channel', 'channel_id')(payload),
  body: { message_ids: readIds(payload, ['ids'], MAX_MESSAGES).filter(isSnowflake) },
});

const logged: Mapping = (entry) => {
  const { verb, type, bySystem } = logEntryMeaning(entry);
  const user = readSnowflake(entry, 'user_id');
  return {
    name: 'bot.event',
    action: verb,
    actor: bySystem ? SYSTEM : user === undefined ? ANONYMOUS : actorOfId(user),
    target: target(type, readSnowflake(entry, 'target_id')),
    reason: reasonOf(entry),
    id: readSnowflake(entry, 'id'),
    channel: readSnowflake(entry, 'options', 'channel_id'),
  };
};

/** Discord's own limit. */
const MAX_REASON = 512;

function reasonOf(entry: unknown): string | undefined {
  const reason = read(entry, 'reason');
  return typeof reason === 'string' && reason !== '' ? reason.slice(0, MAX_REASON) : undefined;
}

const threadMembers: Mapping = (payload) => ({
  name: 'bot.activity',
  actor: ANONYMOUS,
  target: target('channel', readSnowflake(payload, 'id')),
  channel: readSnowflake(payload, 'id'),
  body: { removed: readIds(payload, ['removed_member_ids'], MAX_MEMBERS).filter(isSnowflake).map(discordId) },
});

const user = of('user', 'user', 'id');
const guild = of('guild', 'guild_id');
const inviter: Find<Actor> = (invite) =>
  read(invite, 'inviter') === undefined ? ANONYMOUS : userActor(read(invite, 'inviter'));

/** Every event that the gateway dispatches. */
export const EVENTS = {
  READY: NEVER,
  RESUMED: NEVER,
  RATE_LIMITED: NEVER,
  PRESENCE_UPDATE: NEVER,
  TYPING_START: NEVER,
  GUILD_MEMBERS_CHUNK: NEVER,
  SOUNDBOARD_SOUNDS: NEVER,
  THREAD_LIST_SYNC: NEVER,
  CHANNEL_INFO: NEVER,
  // Holds a token for a voice server.
  VOICE_SERVER_UPDATE: NEVER,

  INTERACTION_CREATE: mapInteraction,

  MESSAGE_CREATE: created,
  MESSAGE_UPDATE: edited,
  MESSAGE_DELETE: noticed('DELETE', message('id')),
  MESSAGE_DELETE_BULK: deletedTogether,
  MESSAGE_REACTION_ADD: noticed('UPDATE', message('message_id'), memberActor),
  MESSAGE_REACTION_REMOVE: noticed('DELETE', message('message_id'), memberActor),
  MESSAGE_REACTION_REMOVE_ALL: noticed('DELETE', message('message_id')),
  MESSAGE_REACTION_REMOVE_EMOJI: noticed('DELETE', message('message_id')),
  MESSAGE_POLL_VOTE_ADD: noticed('UPDATE', message('message_id'), memberActor),
  MESSAGE_POLL_VOTE_REMOVE: noticed('DELETE', message('message_id'), memberActor),

  // Members and moderation. Who did it stands in the guild's audit log alone.
  GUILD_MEMBER_ADD: (member) => ({
    name: 'bot.event',
    action: 'JOIN',
    actor: memberActor(member),
    target: user(member),
    date: read(member, 'joined_at'),
  }),
  // Left, or was removed.
  GUILD_MEMBER_REMOVE: happened('LEAVE', user),
  GUILD_MEMBER_UPDATE: happened('UPDATE', user),
  GUILD_BAN_ADD: happened('BAN', user),
  GUILD_BAN_REMOVE: happened('UNBAN', user),
  GUILD_AUDIT_LOG_ENTRY_CREATE: logged,
  AUTO_MODERATION_RULE_CREATE: happened('CREATE', of('rule', 'id'), whoever('creator_id')),
  AUTO_MODERATION_RULE_UPDATE: happened('UPDATE', of('rule', 'id')),
  AUTO_MODERATION_RULE_DELETE: happened('DELETE', of('rule', 'id')),
  AUTO_MODERATION_ACTION_EXECUTION: happened('REJECT', of('user', 'user_id'), () => SYSTEM),

  // Guilds and what they are made of.
  GUILD_CREATE: happened('JOIN', of('guild', 'id')),
  GUILD_UPDATE: happened('UPDATE', of('guild', 'id')),
  GUILD_DELETE: happened('LEAVE', of('guild', 'id')),
  GUILD_ROLE_CREATE: happened('CREATE', of('role', 'role', 'id')),
  GUILD_ROLE_UPDATE: happened('UPDATE', of('role', 'role', 'id')),
  GUILD_ROLE_DELETE: happened('DELETE', of('role', 'role_id')),
  CHANNEL_CREATE: ofChannel('CREATE'),
  CHANNEL_UPDATE: ofChannel('UPDATE'),
  CHANNEL_DELETE: ofChannel('DELETE'),
  CHANNEL_PINS_UPDATE: noticed('UPDATE', of('channel', 'channel_id')),
  THREAD_CREATE: thread,
  THREAD_UPDATE: ofChannel('UPDATE'),
  THREAD_DELETE: ofChannel('DELETE'),
  THREAD_MEMBER_UPDATE: noticed('UPDATE', of('channel', 'id')),
  THREAD_MEMBERS_UPDATE: threadMembers,
  WEBHOOKS_UPDATE: happened('UPDATE', of('channel', 'channel_id')),
  INVITE_CREATE: happened('INVITE', of('channel', 'channel_id'), inviter),
  INVITE_DELETE: happened('DELETE', of('channel', 'channel_id')),
  GUILD_INTEGRATIONS_UPDATE: happened('UPDATE', guild),
  INTEGRATION_CREATE: happened('CREATE', of('integration', 'id'), (payload) =>
    read(payload, 'user') === undefined ? ANONYMOUS : userActor(read(payload, 'user')),
  ),
  INTEGRATION_UPDATE: happened('UPDATE', of('integration', 'id')),
  INTEGRATION_DELETE: happened('DELETE', of('integration', 'id')),
  APPLICATION_COMMAND_PERMISSIONS_UPDATE: happened('UPDATE', of('command', 'id')),
  GUILD_EMOJIS_UPDATE: noticed('UPDATE', guild),
  GUILD_STICKERS_UPDATE: noticed('UPDATE', guild),
  GUILD_SOUNDBOARD_SOUND_CREATE: noticed('CREATE', of('sound', 'sound_id'), whoever('user', 'id')),
  GUILD_SOUNDBOARD_SOUND_UPDATE: noticed('UPDATE', of('sound', 'sound_id')),
  GUILD_SOUNDBOARD_SOUND_DELETE: noticed('DELETE', of('sound', 'sound_id')),
  GUILD_SOUNDBOARD_SOUNDS_UPDATE: noticed('UPDATE', guild),
  GUILD_SCHEDULED_EVENT_CREATE: noticed('CREATE', of('event', 'id'), whoever('creator_id')),
  GUILD_SCHEDULED_EVENT_UPDATE: noticed('UPDATE', of('event', 'id')),
  GUILD_SCHEDULED_EVENT_DELETE: noticed('DELETE', of('event', 'id')),
  GUILD_SCHEDULED_EVENT_USER_ADD: noticed('JOIN', of('event', 'guild_scheduled_event_id'), memberActor),
  GUILD_SCHEDULED_EVENT_USER_REMOVE: noticed('LEAVE', of('event', 'guild_scheduled_event_id'), memberActor),
  STAGE_INSTANCE_CREATE: noticed('CREATE', of('channel', 'channel_id')),
  STAGE_INSTANCE_UPDATE: noticed('UPDATE', of('channel', 'channel_id')),
  STAGE_INSTANCE_DELETE: noticed('DELETE', of('channel', 'channel_id')),

  // Voice, and the bot's own user.
  VOICE_STATE_UPDATE: noticed('UPDATE', of('channel', 'channel_id'), memberActor),
  VOICE_CHANNEL_EFFECT_SEND: noticed('SEND', of('channel', 'channel_id'), memberActor),
  VOICE_CHANNEL_STATUS_UPDATE: noticed('UPDATE', of('channel', 'id')),
  VOICE_CHANNEL_START_TIME_UPDATE: noticed('UPDATE', of('channel', 'id')),
  USER_UPDATE: noticed('UPDATE', of('user', 'id')),

  // Payments.
  ENTITLEMENT_CREATE: happened('PAY', of('entitlement', 'id'), whoever('user_id')),
  ENTITLEMENT_UPDATE: happened('UPDATE', of('entitlement', 'id'), whoever('user_id')),
  ENTITLEMENT_DELETE: happened('REFUND', of('entitlement', 'id'), whoever('user_id')),
  SUBSCRIPTION_CREATE: happened('PAY', of('subscription', 'id'), whoever('user_id')),
  SUBSCRIPTION_UPDATE: happened('UPDATE', of('subscription', 'id'), whoever('user_id')),
  SUBSCRIPTION_DELETE: happened('DELETE', of('subscription', 'id'), whoever('user_id')),
} as const satisfies Readonly<Record<`${GatewayDispatchEvents}`, Mapping>>;

/** An event that is newer than this table. */
export const unheardOf: Mapping = (payload) => ({
  name: 'bot.activity',
  actor: read(payload, 'author') === undefined ? memberActor(payload) : authorActor(payload),
  target: of('channel', 'channel_id')(payload),
});
