import type { Channel, Guild, Member, Message, User } from './world.ts';

/** What the API and the gateway tell of things. */

const JOINED = '2024-01-01T00:00:00.000000+00:00';

export function memberPayload({ user, roles, nick, communication_disabled_until }: Member): Record<string, unknown> {
  return { user, ...memberWithoutUser({ roles, nick, communication_disabled_until }) };
}

function memberWithoutUser(member: Omit<Member, 'user'>): Record<string, unknown> {
  return {
    roles: [...member.roles],
    nick: member.nick,
    communication_disabled_until: member.communication_disabled_until,
    joined_at: JOINED,
    deaf: false,
    mute: false,
    flags: 0,
    avatar: null,
    permissions: '2248473465835073',
  };
}

export function rolePayload({ id, name }: { readonly id: string; readonly name: string }): Record<string, unknown> {
  return {
    id,
    name,
    color: 0,
    hoist: false,
    position: 0,
    permissions: '0',
    managed: false,
    mentionable: false,
    flags: 0,
  };
}

export function channelPayload({ id, type, name, guild, recipients }: Channel): Record<string, unknown> {
  if (!guild) return { id, type, recipients, last_message_id: null };
  return { id, type, name, guild_id: guild.id, position: 0, permission_overwrites: [], nsfw: false, parent_id: null };
}

export function guildPayload(guild: Guild): Record<string, unknown> {
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.owner.id,
    joined_at: JOINED,
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: [...guild.members.values()].map(memberPayload),
    channels: [...guild.channels.values()].map(channelPayload),
    roles: [...guild.roles.values()].map(rolePayload),
    threads: [],
    emojis: [],
    stickers: [],
    features: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    system_channel_flags: 0,
    preferred_locale: 'en-US',
    afk_timeout: 300,
    premium_progress_bar_enabled: false,
  };
}

export function messagePayload(
  channel: Channel,
  id: string,
  author: User,
  content: string,
  more: object = {},
): Message {
  return {
    id,
    channel_id: channel.id,
    type: 0,
    content,
    author,
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    flags: 0,
    ...more,
  };
}
