import type { Gateway } from './gateway.ts';
import { channelPayload, guildPayload, memberPayload, messagePayload } from './payloads.ts';
import { snowflake } from './snowflake.ts';
import type { BotAccount, Channel, Guild, Member, Message, User, World } from './world.ts';

/** `AuditLogEvent`. */
export const LOGGED = { kick: 20, ban: 22, unban: 23, memberUpdate: 24, roles: 25 } as const;

/** Tells bots what happens, and keeps what has happened. */
export class Feed {
  readonly #world: World;
  readonly #gateway: Gateway;

  constructor(world: World, gateway: Gateway) {
    this.#world = world;
    this.#gateway = gateway;
  }

  /** Tells all bots in a guild. */
  inGuild(guild: Guild, t: string, d: object): void {
    const bots = [...this.#world.bots.values()].filter(({ id }) => guild.members.has(id));
    this.#gateway.dispatch({ guild: guild.id, bots }, t, { ...d, guild_id: guild.id });
  }

  /** Tells all bots in a channel. */
  inChannel(channel: Channel, t: string, d: object): void {
    if (channel.guild) {
      this.inGuild(channel.guild, t, d);
      return;
    }
    const bots = [...this.#world.bots.values()].filter(({ user }) => channel.recipients.includes(user));
    this.#gateway.dispatch({ bots }, t, d);
  }

  /** Tells one bot something, whether it has happened or not. */
  toBot(bot: BotAccount, t: string, d: object, guild?: Guild): void {
    this.#gateway.dispatch({ guild: guild?.id, bots: [bot] }, t, d);
  }

  /** Somebody writes. */
  write(channel: Channel, author: User, content: string, more: object = {}): Message {
    const message = messagePayload(channel, snowflake(), author, content, more);
    channel.messages.set(message.id, message);
    this.inChannel(channel, 'MESSAGE_CREATE', this.#withMember(channel, message));
    return message;
  }

  edit(channel: Channel, message: Message, changes: object): Message {
    const edited: Message = { ...message, ...changes, edited_timestamp: new Date().toISOString() };
    channel.messages.set(edited.id, edited);
    this.inChannel(channel, 'MESSAGE_UPDATE', this.#withMember(channel, edited));
    return edited;
  }

  delete(channel: Channel, ids: readonly string[]): void {
    for (const id of ids) channel.messages.delete(id);
    const [id] = ids;
    if (ids.length === 1) this.inChannel(channel, 'MESSAGE_DELETE', { id, channel_id: channel.id });
    else this.inChannel(channel, 'MESSAGE_DELETE_BULK', { ids, channel_id: channel.id });
  }

  /** Somebody comes into a guild; a bot is told of the guild. */
  join(guild: Guild, user: User): Member {
    const member = this.#world.addMember(guild, user);
    const bot = [...this.#world.bots.values()].find(({ id }) => id === user.id);
    if (bot) this.toBot(bot, 'GUILD_CREATE', guildPayload(guild), guild);
    else this.inGuild(guild, 'GUILD_MEMBER_ADD', memberPayload(member));
    return member;
  }

  leave(guild: Guild, user: User): void {
    guild.members.delete(user.id);
    this.inGuild(guild, 'GUILD_MEMBER_REMOVE', { user });
  }

  ban(guild: Guild, user: User): void {
    guild.bans.set(user.id, user);
    if (guild.members.has(user.id)) this.leave(guild, user);
    this.inGuild(guild, 'GUILD_BAN_ADD', { user });
  }

  /** An entry in the guild's audit log, of which bots are told too. */
  log(
    guild: Guild,
    by: User,
    action: number,
    targetId: string,
    reason?: string,
    changes: readonly object[] = [],
  ): void {
    const entry = { id: snowflake(), user_id: by.id, target_id: targetId, action_type: action, changes, options: {} };
    this.inGuild(guild, 'GUILD_AUDIT_LOG_ENTRY_CREATE', { ...entry, ...(reason !== undefined && { reason }) });
  }

  channel(t: 'CHANNEL_CREATE' | 'CHANNEL_UPDATE' | 'CHANNEL_DELETE' | 'THREAD_CREATE', channel: Channel): void {
    this.inChannel(channel, t, channelPayload(channel));
  }

  #withMember({ guild }: Channel, message: Message): object {
    const member = guild?.members.get(message.author.id);
    if (!member) return message;
    const { user: _, ...rest } = memberPayload(member);
    return { ...message, member: rest };
  }
}
