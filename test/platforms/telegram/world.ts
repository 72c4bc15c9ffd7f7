import type { Chat, ChatMember, User } from 'grammy/types';
import { BotAccount, type BotOptions } from './bot-account.ts';
import { TelegramChat } from './chat.ts';
import { FileStore } from './files.ts';
import { administrator } from './members.ts';
import { Payments } from './payments.ts';
import { Queries } from './queries.ts';
import { Signal } from './signal.ts';

/** Somebody with an account: a person or a bot. */
export interface Party {
  readonly user: User;
}

export interface ChatOptions {
  readonly title?: string | undefined;
  readonly id?: number | undefined;
  /** Public name, without `@`. */
  readonly username?: string | undefined;
  readonly owner: User;
  readonly admins?: readonly Party[] | undefined;
  readonly members?: readonly Party[] | undefined;
  /** Whether a supergroup has topics. */
  readonly forum?: boolean | undefined;
}

/** All that this Telegram knows: accounts, chats, files. The same calls in the same order give the same ids. */
export class World {
  readonly signal = new Signal();
  readonly files = new FileStore();
  readonly queries = new Queries(this);
  readonly payments = new Payments();
  readonly #bots = new Map<string, BotAccount>();
  readonly #users = new Map<number, User>();
  readonly #chats = new Map<number, TelegramChat>();
  readonly #dialogues = new Map<string, TelegramChat>();
  #nextUserId = 5_000_001;
  #nextBotId = 7_000_000_001;
  #nextChatId = 1_500_000_001;
  #nextNumber = 1;

  /** Seconds since the epoch, as Telegram counts time. */
  get now(): number {
    return Math.floor(Date.now() / 1000);
  }

  get bots(): Iterable<BotAccount> {
    return this.#bots.values();
  }

  get users(): Iterable<User> {
    return this.#users.values();
  }

  /** An id that was not given before, for queries, polls, charges and the like. */
  uniqueId(): string {
    this.#nextNumber += 1;
    return `${4_700_000_000_000_000_000n + BigInt(this.#nextNumber)}`;
  }

  addBot(options: BotOptions): BotAccount {
    const given = options.id ?? (options.token && Number(options.token.split(':')[0]));
    const bot = new BotAccount(given || this.#nextBotId++, options);
    this.#bots.set(bot.token, bot);
    this.#users.set(bot.id, bot.user);
    return bot;
  }

  addUser(user: Omit<User, 'id' | 'is_bot'> & { id?: number | undefined }): User {
    const added: User = { ...user, id: user.id ?? this.#nextUserId++, is_bot: false };
    this.#users.set(added.id, added);
    return added;
  }

  addChat(type: 'group' | 'supergroup' | 'channel', options: ChatOptions): TelegramChat {
    const { title = 'Chat', username, forum, owner, admins = [], members = [] } = options;
    const number =
      options.id ?? (type === 'group' ? -(this.#nextChatId++ - 1_000_000_000) : -1e12 - this.#nextChatId++);
    const chat = new TelegramChat(this, {
      id: number,
      type,
      title,
      ...(username !== undefined && type !== 'group' && { username }),
      ...(forum && type === 'supergroup' && { is_forum: true }),
    } as Chat);
    chat.members.set({ status: 'creator', user: owner, is_anonymous: false });
    for (const { user } of members) chat.members.set({ status: 'member', user });
    for (const { user } of admins) chat.members.set({ ...administrator(user), can_be_edited: true });
    this.#chats.set(chat.id, chat);
    return chat;
  }

  bot(token: string): BotAccount | undefined {
    return this.#bots.get(token);
  }

  botById(id: number): BotAccount | undefined {
    return [...this.#bots.values()].find((bot) => bot.id === id);
  }

  user(id: number): User | undefined {
    return this.#users.get(id);
  }

  userNamed(username: string): User | undefined {
    const wanted = username.toLowerCase();
    return [...this.#users.values()].find((user) => user.username?.toLowerCase() === wanted);
  }

  /** A group or channel by its id or `@username`. */
  chat(id: number | string): TelegramChat | undefined {
    if (typeof id === 'number') return this.#chats.get(id);
    const wanted = id.replace(/^@/, '').toLowerCase();
    return [...this.#chats.values()].find((chat) => chat.json.username?.toLowerCase() === wanted);
  }

  /** The private chat of a person with a bot, if they ever spoke. */
  dialogue(bot: User, person: User): TelegramChat | undefined {
    return this.#dialogues.get(`${bot.id}:${person.id}`);
  }

  /** The private chat of a person with a bot; begun when there is none yet. */
  openDialogue(bot: User, person: User): TelegramChat {
    const open = this.dialogue(bot, person);
    if (open) return open;
    const { id, first_name, last_name, username } = person;
    const names = {
      first_name,
      ...(last_name !== undefined && { last_name }),
      ...(username !== undefined && { username }),
    };
    const chat = new TelegramChat(this, { id, type: 'private', ...names });
    const member = (user: User): ChatMember => ({ status: 'member', user });
    chat.members.set(member(bot));
    chat.members.set(member(person));
    this.#dialogues.set(`${bot.id}:${person.id}`, chat);
    return chat;
  }

  /** Whether two accounts are in one group or channel. */
  haveMet(one: User, other: User): boolean {
    return [...this.#chats.values()].some(({ members }) => members.has(one) && members.has(other));
  }
}
