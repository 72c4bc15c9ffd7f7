import { randomBytes } from 'node:crypto';
import type { BotCommand, ChatAdministratorRights, MenuButton, UserFromGetMe } from 'grammy/types';
import { plant } from '../../support/planted/planted.ts';
import { UpdateQueue } from './update-queue.ts';

export interface BotOptions {
  /** First name. Default: `Bot`. */
  readonly name?: string | undefined;
  /** Without `@`; by Telegram's rule it ends in `bot`. Default: made from the name. */
  readonly username?: string | undefined;
  readonly id?: number | undefined;
  /** Default: the id and 35 random characters, in Telegram's form. */
  readonly token?: string | undefined;
  /** Whether privacy mode is off, so that it is sent all that is said in groups. Default `false`, as with BotFather. */
  readonly readsAllMessages?: boolean | undefined;
  /** The number of its first update. Default: one that follows from the id. */
  readonly firstUpdateId?: number | undefined;
}

/** Where a bot wants its updates delivered to. */
export interface Webhook {
  readonly url: string;
  readonly secretToken: string | undefined;
  readonly maxConnections: number;
  readonly ipAddress: string | undefined;
  readonly hasCertificate: boolean;
  lastError?: { readonly date: number; readonly message: string };
}

/** A bot as Telegram keeps it: who it is, its settings, and the updates that wait for it. */
export class BotAccount {
  readonly token: string;
  readonly me: UserFromGetMe;
  readonly queue: UpdateQueue;
  webhook: Webhook | undefined;
  /** Commands by scope and language. */
  readonly commands = new Map<string, BotCommand[]>();
  /** Name, description and short description, by language. */
  readonly texts = new Map<string, string>();
  readonly menuButtons = new Map<number, MenuButton>();
  readonly defaultRights = new Map<'groups' | 'channels', ChatAdministratorRights>();
  /** Stars it owns. */
  stars = 0;
  closed = false;

  constructor(id: number, options: BotOptions) {
    const { name = 'Bot', token = `${id}:AA${randomBytes(25).toString('base64url').slice(0, 33)}` } = options;
    const username = options.username ?? `${name.toLowerCase().replaceAll(/\W+/g, '_')}_bot`;
    this.token = plant('a Telegram token', token);
    plant('the secret part of a Telegram token', token.slice(token.indexOf(':') + 1));
    this.queue = new UpdateQueue(options.firstUpdateId ?? 100_000_000 + (id % 1_000) * 1_000);
    this.me = {
      id,
      is_bot: true,
      first_name: name,
      username,
      can_join_groups: true,
      can_read_all_group_messages: options.readsAllMessages ?? false,
      supports_guest_queries: true,
      supports_inline_queries: true,
      can_connect_to_business: true,
      has_main_web_app: false,
      has_topics_enabled: false,
      allows_users_to_create_topics: false,
      can_manage_bots: false,
      supports_join_request_queries: true,
    };
  }

  get id(): number {
    return this.me.id;
  }

  /** The bot as messages and members name it: what only `getMe` tells is left out. */
  get user(): { id: number; is_bot: true; first_name: string; username: string } {
    const { id, is_bot, first_name, username } = this.me;
    return { id, is_bot, first_name, username };
  }
}
