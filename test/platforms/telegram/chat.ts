import type {
  Chat,
  ChatInviteLink,
  ChatJoinRequest,
  ChatPermissions,
  ForumTopic,
  Message,
  MessageEntity,
  User,
} from 'grammy/types';
import { deliverMessage } from './delivery.ts';
import type { StoredFile } from './files.ts';
import { Members } from './members.ts';
import { OPEN_PERMISSIONS } from './rights.ts';
import type { WaitOptions } from './signal.ts';
import type { World } from './world.ts';

/** A message's content: whatever distinguishes it from another one of the same time and sender. */
export type Content = Partial<Message>;

export interface PostOptions {
  readonly replyTo?: Message | undefined;
  /** The topic of a forum. */
  readonly threadId?: number | undefined;
  /** Posted in the name of a chat: an anonymous administrator, a channel. */
  readonly senderChat?: Chat | undefined;
}

const chats = new WeakMap<Message, TelegramChat>();

/** The chat that a message stands in. */
export function chatOf(message: Message): TelegramChat {
  const chat = chats.get(message);
  if (!chat) throw new Error(`Message ${message.message_id} was not made by this server`);
  return chat;
}

/** A conversation of any kind, with everything that the Bot API can do to it. */
export class TelegramChat {
  readonly world: World;
  readonly members = new Members();
  readonly #messages = new Map<number, Message>();
  readonly #authors = new Map<number, User>();
  /** Ids of pinned messages, the latest last. */
  readonly pinned: number[] = [];
  readonly inviteLinks = new Map<string, ChatInviteLink>();
  readonly joinRequests = new Map<number, ChatJoinRequest>();
  readonly topics = new Map<number, ForumTopic & { closed: boolean }>();
  /** Channels whose posts are barred, by id. */
  readonly bannedSenderChats = new Set<number>();
  /** Reactions by message and user. */
  readonly reactions = new Map<string, readonly string[]>();
  permissions: ChatPermissions = OPEN_PERMISSIONS;
  description: string | undefined;
  photo: StoredFile | undefined;
  stickerSet: string | undefined;
  /** The supergroup that this group has become. */
  migratedTo: TelegramChat | undefined;
  #chat: Chat;
  #nextMessageId = 1;

  constructor(world: World, chat: Chat) {
    this.world = world;
    this.#chat = chat;
  }

  get id(): number {
    return this.#chat.id;
  }

  get type(): Chat['type'] {
    return this.#chat.type;
  }

  /** The chat as messages name it. */
  get json(): Chat {
    return this.#chat;
  }

  get title(): string {
    return this.#chat.title ?? this.#chat.first_name ?? '';
  }

  set title(title: string) {
    if (this.#chat.type !== 'private') this.#chat = { ...this.#chat, title };
  }

  /** All messages that were not deleted, oldest first. */
  get messages(): Message[] {
    return [...this.#messages.values()];
  }

  message(id: number): Message | undefined {
    return this.#messages.get(id);
  }

  /** Who wrote a message; in a channel the message itself does not say. */
  author(message: Message): User | undefined {
    return this.#authors.get(message.message_id);
  }

  /** Waits for a message that `matches`, whether it is there already or comes yet. */
  awaitMessage(matches: (message: Message) => boolean, options: WaitOptions = {}): Promise<Message> {
    const what = options.what ?? `a message in ${this.title}`;
    return this.world.signal.until(() => this.messages.find(matches), { ...options, what });
  }

  /** Posts a message and sends it to the bots that may see it. */
  post<C extends Content>(from: User, content: C, options: PostOptions = {}): Message & C {
    const message: Message & C = {
      message_id: this.#nextMessageId,
      ...(this.type === 'channel' ? { sender_chat: options.senderChat ?? this.json } : { from }),
      ...(options.senderChat && this.type !== 'channel' && { sender_chat: options.senderChat }),
      chat: this.json,
      date: this.world.now,
      ...(options.threadId !== undefined && { message_thread_id: options.threadId, is_topic_message: true }),
      ...(options.replyTo && { reply_to_message: { ...options.replyTo, reply_to_message: undefined } }),
      ...content,
    };
    this.#nextMessageId += 1;
    this.#authors.set(message.message_id, from);
    this.#keep(message);
    deliverMessage(this, message, from, this.type === 'channel' ? 'channel_post' : 'message');
    this.world.signal.notify();
    return message;
  }

  /**
   * Puts new content into a message. An edit by a person is sent to the bots; one by a bot is not.
   *
   * @param silent whether it is a change that nobody is told of, such as a new keyboard.
   */
  edit<C extends Content>(message: Message, content: C, by: User, silent = false): Message & C & { edit_date: number } {
    const date = silent ? message.edit_date : undefined;
    const edited = { ...message, ...content, edit_date: date ?? this.world.now };
    this.#keep(edited);
    if (!by.is_bot)
      deliverMessage(this, edited, by, this.type === 'channel' ? 'edited_channel_post' : 'edited_message');
    this.world.signal.notify();
    return edited;
  }

  /** Deletes a message; returns whether it was there. Bots are not told. */
  delete(id: number): boolean {
    const there = this.#messages.delete(id);
    const pin = this.pinned.indexOf(id);
    if (pin >= 0) this.pinned.splice(pin, 1);
    this.world.signal.notify();
    return there;
  }

  /** The member that a text's first mention names: `@username`, or a link to a user. */
  mentioned(text: string, entities: readonly MessageEntity[]): User | undefined {
    for (const entity of entities) {
      if (entity.type === 'text_mention') return entity.user;
      if (entity.type !== 'mention') continue;
      const username = text.slice(entity.offset + 1, entity.offset + entity.length);
      const user = this.world.userNamed(username);
      if (user) return user;
    }
    return undefined;
  }

  #keep(message: Message): void {
    this.#messages.set(message.message_id, message);
    chats.set(message, this);
  }
}
