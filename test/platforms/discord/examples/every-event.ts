import { channelPayload, memberPayload, rolePayload } from '../payloads.ts';
import { snowflake } from '../snowflake.ts';
import type { Channel, Guild, Member, Message, User } from '../world.ts';

/** What the examples are about. */
export interface EventScene {
  readonly guild: Guild;
  readonly channel: Channel;
  readonly message: Message;
  readonly member: Member;
  readonly user: User;
}

/** An example of everything that the gateway tells of a guild, by the event's name. */
export function everyEvent({ guild, channel, message, member, user }: EventScene): Record<string, object> {
  const inGuild = { guild_id: guild.id };
  const inChannel = { ...inGuild, channel_id: channel.id };
  const onMessage = { ...inChannel, message_id: message.id };
  const reaction = { ...onMessage, user_id: user.id, emoji: { id: null, name: '👍' } };
  const role = { ...inGuild, role: rolePayload({ id: snowflake(), name: 'new' }) };
  const other = { ...channelPayload(channel), id: snowflake(), name: 'new' };
  const thread = {
    ...other,
    id: snowflake(),
    type: 11,
    parent_id: channel.id,
    owner_id: user.id,
    thread_metadata: {
      archived: false,
      auto_archive_duration: 60,
      archive_timestamp: message.timestamp,
      locked: false,
    },
  };
  const event = {
    ...inChannel,
    id: snowflake(),
    creator_id: user.id,
    name: 'party',
    scheduled_start_time: message.timestamp,
    scheduled_end_time: null,
    privacy_level: 2,
    status: 1,
    entity_type: 2,
    entity_id: null,
    entity_metadata: null,
  };
  const rule = {
    ...inGuild,
    id: snowflake(),
    name: 'no spam',
    creator_id: user.id,
    event_type: 1,
    trigger_type: 3,
    trigger_metadata: {},
    actions: [],
    enabled: true,
    exempt_roles: [],
    exempt_channels: [],
  };
  const stage = { ...inChannel, id: snowflake(), topic: 'talk', privacy_level: 2, discoverable_disabled: true };
  const entitlement = {
    id: snowflake(),
    sku_id: snowflake(),
    application_id: snowflake(),
    user_id: user.id,
    type: 8,
    deleted: false,
  };
  return {
    TYPING_START: { ...inChannel, user_id: user.id, timestamp: 1, member: memberPayload(member) },
    PRESENCE_UPDATE: { ...inGuild, user: { id: user.id }, status: 'online', activities: [], client_status: {} },
    MESSAGE_UPDATE: { ...message, ...inGuild, content: 'edited', edited_timestamp: message.timestamp },
    MESSAGE_REACTION_ADD: { ...reaction, member: memberPayload(member) },
    MESSAGE_REACTION_REMOVE: reaction,
    MESSAGE_REACTION_REMOVE_EMOJI: { ...onMessage, emoji: reaction.emoji },
    MESSAGE_REACTION_REMOVE_ALL: onMessage,
    CHANNEL_PINS_UPDATE: { ...inChannel, last_pin_timestamp: null },
    GUILD_MEMBER_UPDATE: { ...inGuild, ...memberPayload(member), nick: 'Al' },
    GUILD_BAN_ADD: { ...inGuild, user },
    GUILD_BAN_REMOVE: { ...inGuild, user },
    GUILD_AUDIT_LOG_ENTRY_CREATE: {
      ...inGuild,
      id: snowflake(),
      user_id: guild.owner.id,
      target_id: user.id,
      action_type: 22,
      changes: [],
      options: {},
      reason: 'spam',
    },
    GUILD_ROLE_CREATE: role,
    GUILD_ROLE_UPDATE: role,
    GUILD_ROLE_DELETE: { ...inGuild, role_id: role.role.id },
    CHANNEL_CREATE: other,
    CHANNEL_UPDATE: { ...other, name: 'renamed' },
    CHANNEL_DELETE: other,
    THREAD_CREATE: { ...thread, newly_created: true },
    THREAD_UPDATE: { ...thread, name: 'renamed' },
    THREAD_MEMBERS_UPDATE: { ...inGuild, id: thread.id, member_count: 1, removed_member_ids: [user.id] },
    THREAD_DELETE: { ...inGuild, id: thread.id, parent_id: channel.id, type: 11 },
    INVITE_CREATE: {
      ...inChannel,
      code: 'c0de',
      inviter: user,
      created_at: message.timestamp,
      uses: 0,
      max_uses: 0,
      max_age: 0,
      temporary: false,
    },
    INVITE_DELETE: { ...inChannel, code: 'c0de' },
    WEBHOOKS_UPDATE: inChannel,
    GUILD_EMOJIS_UPDATE: { ...inGuild, emojis: [] },
    GUILD_STICKERS_UPDATE: { ...inGuild, stickers: [] },
    GUILD_INTEGRATIONS_UPDATE: inGuild,
    GUILD_SCHEDULED_EVENT_CREATE: event,
    GUILD_SCHEDULED_EVENT_UPDATE: { ...event, name: 'bigger party' },
    GUILD_SCHEDULED_EVENT_DELETE: event,
    STAGE_INSTANCE_CREATE: stage,
    STAGE_INSTANCE_UPDATE: stage,
    STAGE_INSTANCE_DELETE: stage,
    AUTO_MODERATION_RULE_CREATE: rule,
    AUTO_MODERATION_RULE_UPDATE: rule,
    AUTO_MODERATION_ACTION_EXECUTION: {
      ...inChannel,
      user_id: user.id,
      rule_id: rule.id,
      rule_trigger_type: 3,
      action: { type: 1, metadata: {} },
      content: 'spam',
    },
    AUTO_MODERATION_RULE_DELETE: rule,
    ENTITLEMENT_CREATE: entitlement,
    ENTITLEMENT_UPDATE: entitlement,
    ENTITLEMENT_DELETE: entitlement,
    USER_UPDATE: { ...user, global_name: 'Al' },
    MESSAGE_DELETE: { ...inChannel, id: message.id },
    MESSAGE_DELETE_BULK: { ...inChannel, ids: [snowflake(), snowflake()] },
    NOVELTY_CREATE: inChannel,
    GUILD_UPDATE: {
      id: guild.id,
      name: 'renamed',
      owner_id: guild.owner.id,
      features: [],
      emojis: [],
      roles: [],
      stickers: [],
    },
    GUILD_DELETE: { id: guild.id },
  };
}
