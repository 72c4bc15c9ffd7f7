import type { InlineKeyboardButton, Message, MessageReactionUpdated, ReactionTypeEmoji, User } from 'grammy/types';
import type { BotAccount } from './bot-account.ts';
import { type Content, chatOf, type PostOptions, TelegramChat } from './chat.ts';
import { deliverToAdministrators } from './delivery.ts';
import { plainText } from './entities.ts';
import { isAdministrator, isPresent } from './members.ts';
import { changeMember } from './membership.ts';
import { Payment } from './payments.ts';
import type { Query } from './queries.ts';
import type { Permission } from './rights.ts';
import type { WaitOptions } from './signal.ts';
import type { Party, World } from './world.ts';

/** A question that a person put to a bot by pressing a button or asking inline. */
export class Asked {
  readonly #world: World;
  readonly query: Query;

  constructor(world: World, query: Query) {
    this.#world = world;
    this.query = query;
  }

  /** Waits for the bot's answer: the arguments of its `answerCallbackQuery` or `answerInlineQuery`. */
  answered(options: WaitOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    const what = `an answer to the ${this.query.kind} query`;
    return this.#world.signal.until(() => this.query.answer, { what, ...options });
  }
}

/** A person with a Telegram account. What they do here, bots hear of as they would from Telegram. */
export class Person implements Party {
  readonly world: World;
  readonly user: User;

  constructor(world: World, user: User) {
    this.world = world;
    this.user = user;
  }

  get id(): number {
    return this.user.id;
  }

  /** How others address them: `@username`, or the name where there is none. */
  get mention(): string {
    return this.user.username === undefined ? this.user.first_name : `@${this.user.username}`;
  }

  /** Writes a text in a chat, or to a bot; commands, mentions and links in it become entities. */
  says(to: TelegramChat | BotAccount, text: string, options: PostOptions = {}): Message & { text: string } {
    const chat = this.#speakIn(to, 'can_send_messages');
    return chat.post(this.user, plainText(text), options);
  }

  /** Sends anything else: a photo, a contact, a location, … */
  sends<C extends Content>(to: TelegramChat | BotAccount, content: C, options: PostOptions = {}): Message & C {
    return this.#speakIn(to, 'can_send_other_messages').post(this.user, content, options);
  }

  /** Changes the text of a message of their own. */
  edits(message: Message, text: string): Message {
    return chatOf(message).edit(message, plainText(text), this.user);
  }

  /** Deletes a message. Bots do not hear of it. */
  deletes(message: Message): void {
    chatOf(message).delete(message.message_id);
  }

  /**
   * Presses the button of an inline keyboard that has this label.
   *
   * @throws {Error} when the message has no such button, or the button asks the bot nothing.
   */
  presses(message: Message, label: string): Asked {
    const chat = chatOf(message);
    const current = chat.message(message.message_id) ?? message;
    const button = current.reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    if (!button) throw new Error(`Message ${message.message_id} has no button "${label}"`);
    const asks = question(button);
    const bot = this.#author(current);
    const query = this.world.queries.ask({ kind: 'callback', bot, from: this.user, message: current });
    const { id, from } = query;
    bot.queue.push({ callback_query: { id, from, message: current, chat_instance: `${chat.id}`, ...asks } });
    return new Asked(this.world, query);
  }

  /** Leaves one emoji on a message, or takes them back with none. */
  reacts(message: Message, ...emoji: ReactionTypeEmoji['emoji'][]): void {
    const chat = chatOf(message);
    const key = `${message.message_id}:${this.id}`;
    const reactions = (list: readonly string[]) =>
      list.map((one) => ({ type: 'emoji', emoji: one }) as ReactionTypeEmoji);
    const update: MessageReactionUpdated = {
      chat: chat.json,
      message_id: message.message_id,
      user: this.user,
      date: this.world.now,
      old_reaction: reactions(chat.reactions.get(key) ?? []),
      new_reaction: reactions(emoji),
    };
    chat.reactions.set(key, emoji);
    deliverToAdministrators(chat, { message_reaction: update });
  }

  /** Votes in a bot's poll that is not anonymous, by the indices of its options. */
  votes(message: Message, ...options: number[]): void {
    if (!message.poll) throw new Error(`Message ${message.message_id} is no poll`);
    const { id } = message.poll;
    const persistent = options.map((index) => message.poll?.options[index]?.persistent_id ?? `${index}`);
    const answer = { poll_id: id, user: this.user, option_ids: options, option_persistent_ids: persistent };
    this.#author(message).queue.push({ poll_answer: answer });
  }

  /** Types `@bot query` somewhere. */
  asksInline(bot: BotAccount, text: string): Asked {
    const query = this.world.queries.ask({ kind: 'inline', bot, from: this.user });
    bot.queue.push({
      inline_query: { id: query.id, from: this.user, query: text, offset: '', chat_type: 'supergroup' },
    });
    return new Asked(this.world, query);
  }

  /** Takes one of the results that a bot has offered inline. */
  choosesInline(bot: BotAccount, resultId: string, text: string): void {
    bot.queue.push({ chosen_inline_result: { result_id: resultId, from: this.user, query: text } });
  }

  /** Pays an invoice: the message of one, or the link to one. */
  pays(invoice: Message | string): Payment {
    const { payments } = this.world;
    const terms = typeof invoice === 'string' ? payments.termsBehind(invoice) : payments.termsOf(invoice);
    const chat = typeof invoice === 'string' ? this.world.openDialogue(terms.bot.user, this.user) : chatOf(invoice);
    return new Payment(this.world, chat, this.user, terms);
  }

  joins(chat: TelegramChat): void {
    if (chat.members.of(this.user).status === 'kicked') throw new Error(`${this.mention} is banned from ${chat.title}`);
    changeMember(chat, { by: this.user, next: { status: 'member', user: this.user } });
  }

  leaves(chat: TelegramChat): void {
    changeMember(chat, { by: this.user, next: { status: 'left', user: this.user } });
  }

  /** Asks to be let into a chat that one has to ask for. */
  asksToJoin(chat: TelegramChat): void {
    const [link] = chat.inviteLinks.values();
    const request = {
      chat: chat.json as Extract<TelegramChat['json'], { type: 'supergroup' | 'channel' }>,
      from: this.user,
      user_chat_id: this.id,
      date: this.world.now,
      ...(link && { invite_link: link }),
    };
    chat.joinRequests.set(this.id, request);
    for (const bot of this.world.bots) {
      if (chat.members.can(bot.user, 'can_invite_users')) bot.queue.push({ chat_join_request: request });
    }
    this.world.signal.notify();
  }

  /** Adds somebody, or a bot, to a chat. */
  adds(chat: TelegramChat, { user }: Party): void {
    changeMember(chat, { by: this.user, next: { status: 'member', user } });
  }

  /** Throws somebody, or a bot, out of a chat for good. */
  bans(chat: TelegramChat, { user }: Party): void {
    changeMember(chat, { by: this.user, next: { status: 'kicked', user, until_date: 0 } });
  }

  /** Stops a bot from writing to them. */
  blocks(bot: BotAccount): void {
    const chat = this.world.openDialogue(bot.user, this.user);
    changeMember(chat, { by: this.user, next: { status: 'kicked', user: bot.user, until_date: 0 } });
  }

  unblocks(bot: BotAccount): void {
    const chat = this.world.openDialogue(bot.user, this.user);
    changeMember(chat, { by: this.user, next: { status: 'member', user: bot.user } });
  }

  #speakIn(to: TelegramChat | BotAccount, permission: Permission): TelegramChat {
    const chat = to instanceof TelegramChat ? to : this.world.openDialogue(to.user, this.user);
    if (!isPresent(chat.members.of(this.user))) throw new Error(`${this.mention} is not in ${chat.title}`);
    const barred = chat.type === 'channel' && !isAdministrator(chat.members.of(this.user));
    if (barred || !chat.members.may(this.user, permission, chat.permissions)) {
      throw new Error(`${this.mention} may not write in ${chat.title}`);
    }
    return chat;
  }

  #author(message: Message): BotAccount {
    const author = chatOf(message).author(message);
    const bot = author && this.world.botById(author.id);
    if (!bot) throw new Error(`Message ${message.message_id} was not sent by a bot`);
    return bot;
  }
}

function question(button: InlineKeyboardButton): { data: string } | { game_short_name: string } {
  if ('callback_data' in button) return { data: button.callback_data };
  if ('callback_game' in button) return { game_short_name: button.text };
  throw new Error(`Button "${button.text}" asks the bot nothing`);
}
