import type { Chat, Message, User } from 'grammy/types';
import type { BotAccount } from './bot-account.ts';
import { badRequest } from './errors.ts';
import type { World } from './world.ts';

/** Kinds of question that a bot is asked and answers by id. */
export type QueryKind = 'callback' | 'inline' | 'shipping' | 'pre_checkout' | 'guest' | 'web_app' | 'join_request';

/** A question put to a bot, and what it answered. */
export interface Query {
  readonly id: string;
  readonly kind: QueryKind;
  readonly bot: BotAccount;
  readonly from: User;
  readonly message?: Message | undefined;
  readonly chat?: Chat | undefined;
  /** The arguments of the answering call; `undefined` until then. */
  answer: Readonly<Record<string, unknown>> | undefined;
  /** Called with the answer, once. */
  readonly onAnswer?: ((answer: Readonly<Record<string, unknown>>) => void) | undefined;
}

/** The questions that wait for a bot's answer. */
export class Queries {
  readonly #world: World;
  readonly #open = new Map<string, Query>();

  constructor(world: World) {
    this.#world = world;
  }

  ask(query: Omit<Query, 'id' | 'answer'>): Query {
    const asked: Query = { ...query, id: this.#world.uniqueId(), answer: undefined };
    this.#open.set(asked.id, asked);
    return asked;
  }

  /**
   * Takes an answer; a question is answered once.
   *
   * @throws {BotApiError} 400 when this bot was not asked, or has answered.
   */
  answer(bot: BotAccount, kind: QueryKind, id: string, answer: Readonly<Record<string, unknown>>): Query {
    const query = this.#open.get(id);
    if (!query || query.kind !== kind || query.bot !== bot) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    this.#open.delete(id);
    query.answer = answer;
    query.onAnswer?.(answer);
    this.#world.signal.notify();
    return query;
  }
}
