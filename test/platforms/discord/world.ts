import { plant } from '../../support/planted/planted.ts';
import { Signal } from '../telegram/signal.ts';
import { snowflake } from './snowflake.ts';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly discriminator: '0';
  readonly global_name: string | null;
  readonly avatar: null;
  readonly bot?: true;
}

export interface Message extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly channel_id: string;
  readonly content: string;
  readonly author: User;
}

/** `ChannelType` of a text channel in a guild. */
export const TEXT = 0;
/** That of a direct message. */
const DM = 1;

export interface Channel {
  readonly id: string;
  readonly type: number;
  readonly name: string | undefined;
  /** `undefined` for direct messages. */
  readonly guild: Guild | undefined;
  readonly recipients: readonly User[];
  readonly messages: Map<string, Message>;
}

export interface Member {
  readonly user: User;
  readonly roles: Set<string>;
  nick: string | null;
  communication_disabled_until: string | null;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly owner: User;
  readonly members: Map<string, Member>;
  readonly channels: Map<string, Channel>;
  readonly roles: Map<string, { readonly id: string; readonly name: string }>;
  readonly bans: Map<string, User>;
  /** Who may ban, delete, and so on, beside the owner. */
  readonly moderators: Set<string>;
}

/** A bot of this Discord; its application has the same id. */
export interface BotAccount {
  readonly user: User;
  readonly id: string;
  readonly token: string;
}

/** What a person did with the bot, and what it answered. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly bot: BotAccount;
  readonly channel: Channel;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The body of the first answer. */
  answer: Readonly<Record<string, unknown>> | undefined;
  /** The message that its first answer is, or was on. */
  original: string | undefined;
}

export interface Webhook {
  readonly id: string;
  readonly token: string;
  readonly name: string;
  readonly channel: Channel;
}

/** Everything that there is. */
export class World {
  readonly signal = new Signal();
  readonly bots = new Map<string, BotAccount>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  readonly users = new Map<string, User>();
  readonly interactions = new Map<string, Interaction>();
  readonly webhooks = new Map<string, Webhook>();

  addUser(name: string, bot = false, id = snowflake()): User {
    const user: User = {
      id,
      username: name.toLowerCase().replaceAll(/\W+/g, '_'),
      discriminator: '0',
      global_name: bot ? null : name,
      avatar: null,
      ...(bot && { bot }),
    };
    this.users.set(id, user);
    return user;
  }

  addBot(name: string, id?: string): BotAccount {
    const user = this.addUser(name, true, id);
    const secret = crypto.randomUUID().replaceAll('-', '');
    const token = `${Buffer.from(user.id).toString('base64url')}.${secret.slice(0, 6)}.${secret}${secret.slice(0, 6)}`;
    const bot: BotAccount = { user, id: user.id, token: plant('a Discord token', token) };
    this.bots.set(token, bot);
    return bot;
  }

  addGuild(name: string, owner: User): Guild {
    const id = snowflake();
    const guild: Guild = {
      id,
      name,
      owner,
      members: new Map(),
      channels: new Map(),
      roles: new Map([[id, { id, name: '@everyone' }]]),
      bans: new Map(),
      moderators: new Set([owner.id]),
    };
    this.guilds.set(id, guild);
    this.addMember(guild, owner);
    return guild;
  }

  addMember(guild: Guild, user: User): Member {
    const member: Member = { user, roles: new Set(), nick: null, communication_disabled_until: null };
    guild.members.set(user.id, member);
    return member;
  }

  addChannel(guild: Guild, name: string, type = TEXT): Channel {
    const channel: Channel = { id: snowflake(), type, name, guild, recipients: [], messages: new Map() };
    guild.channels.set(channel.id, channel);
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The channel of two, made when it is not there yet. */
  directMessages(one: User, other: User): Channel {
    const both = [one, other];
    const known = [...this.channels.values()].find(
      ({ type, recipients }) => type === DM && both.every((user) => recipients.includes(user)),
    );
    if (known) return known;
    const channel: Channel = {
      id: snowflake(),
      type: DM,
      name: undefined,
      guild: undefined,
      recipients: both,
      messages: new Map(),
    };
    this.channels.set(channel.id, channel);
    return channel;
  }
}
