import { plant } from '../../support/planted/planted.ts';
import type { Feed } from './feed.ts';
import { channelPayload, memberPayload } from './payloads.ts';
import { snowflake } from './snowflake.ts';
import type { BotAccount, Channel, Guild, Interaction, Message, User, World } from './world.ts';

/** `ApplicationCommandOptionType`. */
export const OPTION = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
} as const;

export interface Option {
  readonly name: string;
  readonly type: number;
  readonly value?: unknown;
  readonly options?: readonly Option[];
}

/** `InteractionType`. */
const COMMAND = 2;
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const FORM = 5;

/** Somebody in this Discord, who acts as the test says. */
export class Person {
  readonly user: User;
  readonly #world: World;
  readonly #feed: Feed;

  constructor(world: World, feed: Feed, user: User) {
    this.#world = world;
    this.#feed = feed;
    this.user = user;
  }

  get id(): string {
    return this.user.id;
  }

  says(channel: Channel, content: string, { replyTo }: { readonly replyTo?: Message } = {}): Message {
    const reference = replyTo && { message_id: replyTo.id, channel_id: channel.id };
    const more = reference && { type: 19, message_reference: reference, referenced_message: replyTo };
    return this.#feed.write(channel, this.user, content, more);
  }

  /** Writes to a bot alone. */
  tells(bot: BotAccount, content: string): Message {
    return this.says(this.#world.directMessages(this.user, bot.user), content);
  }

  edits(channel: Channel, message: Message, content: string): Message {
    return this.#feed.edit(channel, message, { content });
  }

  deletes(channel: Channel, message: Message): void {
    this.#feed.delete(channel, [message.id]);
  }

  reacts(channel: Channel, message: Message, name: string): void {
    const what = { user_id: this.id, channel_id: channel.id, message_id: message.id, emoji: { id: null, name } };
    this.#feed.inChannel(channel, 'MESSAGE_REACTION_ADD', { ...what, message_author_id: message.author.id, type: 0 });
  }

  joins(guild: Guild): void {
    this.#feed.join(guild, this.user);
  }

  leaves(guild: Guild): void {
    this.#feed.leave(guild, this.user);
  }

  /** Gives a slash command. */
  runs(bot: BotAccount, channel: Channel, name: string, options: readonly Option[] = []): Interaction {
    const data = { id: snowflake(), name, type: 1, options, resolved: this.#resolved(channel, options) };
    return this.#interact(bot, channel, COMMAND, data);
  }

  /** Picks a command of a user's or a message's context menu. */
  picks(bot: BotAccount, channel: Channel, name: string, target: Person | Message): Interaction {
    const isUser = target instanceof Person;
    const resolved = isUser ? { users: { [target.id]: target.user } } : { messages: { [target.id]: target } };
    const data = { id: snowflake(), name, type: isUser ? 2 : 3, target_id: target.id, resolved };
    return this.#interact(bot, channel, COMMAND, data);
  }

  /** Types into an option that the bot completes. */
  types(bot: BotAccount, channel: Channel, name: string, option: string, value: string): Interaction {
    const options = [{ name: option, type: OPTION.string, value, focused: true }];
    return this.#interact(bot, channel, AUTOCOMPLETE, { id: snowflake(), name, type: 1, options });
  }

  /** Presses a button, or chooses in a menu. */
  presses(
    bot: BotAccount,
    channel: Channel,
    message: Message,
    customId: string,
    menu: { readonly type: number; readonly values: readonly string[] } | undefined = undefined,
  ): Interaction {
    const data = { custom_id: customId, component_type: menu?.type ?? 2, ...(menu && { values: menu.values }) };
    return this.#interact(bot, channel, COMPONENT, data, message);
  }

  /** Sends a form in. */
  submits(bot: BotAccount, channel: Channel, customId: string, fields: Readonly<Record<string, string>>): Interaction {
    const components = Object.entries(fields).map(([custom_id, value]) => ({
      type: 1,
      components: [{ type: 4, custom_id, value }],
    }));
    return this.#interact(bot, channel, FORM, { custom_id: customId, components });
  }

  #interact(bot: BotAccount, channel: Channel, type: number, data: object, message?: Message): Interaction {
    const id = snowflake();
    const unique = Buffer.from(`${id}:${crypto.randomUUID()}`).toString('base64url');
    const token = plant('an interaction token', `aW50ZXJhY3Rpb246${unique}`);
    const { guild } = channel;
    const member = guild?.members.get(this.id);
    const payload = {
      id,
      application_id: bot.id,
      type,
      token,
      version: 1,
      data,
      channel_id: channel.id,
      channel: channelPayload(channel),
      ...(member ? { member: memberPayload(member) } : { user: this.user }),
      ...(message && { message }),
      ...(guild && { guild_id: guild.id, guild: { id: guild.id, locale: 'en-US', features: [] } }),
      locale: 'en-US',
      app_permissions: '0',
      entitlements: [],
      authorizing_integration_owners: {},
      context: guild ? 0 : 1,
      attachment_size_limit: 1_000_000,
    };
    const since = Date.now();
    const interaction: Interaction = {
      id,
      token,
      bot,
      channel,
      since,
      payload,
      answer: undefined,
      original: message?.id,
    };
    this.#world.interactions.set(token, interaction);
    this.#feed.toBot(bot, 'INTERACTION_CREATE', payload, guild);
    return interaction;
  }

  /** What options name, as Discord looks it up for the bot. */
  #resolved({ guild }: Channel, options: readonly Option[]): object {
    const flat = options.flatMap((option) => [option, ...(option.options ?? [])]);
    const people = flat.filter(({ type }) => type === OPTION.user).map(({ value }) => String(value));
    const users = people.map((id) => [id, this.#world.users.get(id)] as const).filter(([, user]) => user);
    const members = people.flatMap((id) => {
      const member = guild?.members.get(id);
      if (!member) return [];
      const { user: _, ...rest } = memberPayload(member);
      return [[id, rest] as const];
    });
    return { users: Object.fromEntries(users), members: Object.fromEntries(members) };
  }
}
