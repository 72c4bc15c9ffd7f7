import type { Update } from 'grammy/types';
import { conflict } from './errors.ts';
import type { UpdateBody, UpdateType } from './types.ts';

/** The kinds of update that a bot has to ask for by name. */
const OPT_IN: ReadonlySet<UpdateType> = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

interface Poll {
  readonly offset: number;
  readonly limit: number;
  resolve(updates: Update[]): void;
  reject(error: Error): void;
}

/** How a long poll waits. */
export interface PollOptions {
  /** Number of the first update wanted; negative: counted from the end, all before it forgotten. */
  readonly offset: number;
  /** 1 to 100. */
  readonly limit: number;
  /** How long to wait for an update, in seconds. */
  readonly timeoutSeconds: number;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

/** The updates that wait for one bot, in order, until it has confirmed them. */
export class UpdateQueue {
  #nextId: number;
  #pending: Update[] = [];
  #allowed: ReadonlySet<string> = new Set();
  #poll: Poll | undefined;
  #onPush: (() => void) | undefined;

  /** @param firstId number of the first update; they count up from there. */
  constructor(firstId: number) {
    this.#nextId = firstId;
  }

  /** Updates not confirmed yet. */
  get pending(): readonly Update[] {
    return this.#pending;
  }

  /** The kinds of update asked for; empty: all but those that must be asked for by name. */
  get allowed(): readonly string[] {
    return [...this.#allowed];
  }

  /** Whether a long poll is waiting. */
  get polled(): boolean {
    return this.#poll !== undefined;
  }

  /** Sets the kinds of update that are queued from now on. */
  allow(types: readonly string[]): void {
    this.#allowed = new Set(types);
  }

  /** Calls `listener` whenever an update came in; used by webhook delivery. One at a time. */
  onPush(listener: (() => void) | undefined): void {
    this.#onPush = listener;
  }

  /**
   * Numbers an update and queues it.
   *
   * @returns the update; `undefined` when the bot did not ask for this kind.
   */
  push(body: UpdateBody): Update | undefined {
    const type = Object.keys(body)[0] as UpdateType;
    const wanted = this.#allowed.size > 0 ? this.#allowed.has(type) : !OPT_IN.has(type);
    return wanted ? this.force(body) : undefined;
  }

  /** Queues an update whether or not the bot asked for its kind, as may happen just after a change. */
  force(body: UpdateBody): Update {
    const update: Update = { update_id: this.#nextId, ...body };
    this.#nextId += 1;
    this.#pending.push(update);
    this.#onPush?.();
    // All that comes within one turn goes out in one answer.
    if (this.#poll) setImmediate(() => this.#answer());
    return update;
  }

  /** Forgets an update that a webhook has taken. */
  confirm(update: Update): void {
    this.#pending = this.#pending.filter((other) => other !== update);
  }

  clear(): void {
    this.#pending = [];
  }

  /**
   * Answers a poll at once when there is something to answer with, else when something comes or the time is up. Another
   * poll that waits is thrown out with 409, as Telegram does it.
   */
  async poll({ offset, limit, timeoutSeconds, signal }: PollOptions): Promise<Update[]> {
    this.terminate('terminated by other getUpdates request; make sure that only one bot instance is running');
    if (offset < 0) this.#pending = this.#pending.slice(offset);
    else this.#pending = this.#pending.filter((update) => update.update_id >= offset);
    if (this.#pending.length > 0 || timeoutSeconds === 0) return this.#pending.slice(0, limit);

    const { promise, resolve, reject } = Promise.withResolvers<Update[]>();
    const poll: Poll = { offset, limit, resolve, reject };
    this.#poll = poll;
    const give = () => {
      if (this.#poll === poll) this.#poll = undefined;
      resolve([]);
    };
    const timer = setTimeout(give, timeoutSeconds * 1000);
    signal.addEventListener('abort', give);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
    }
  }

  /** Ends a poll that waits with 409. */
  terminate(why: string): void {
    this.#poll?.reject(conflict(why));
    this.#poll = undefined;
  }

  #answer(): void {
    const poll = this.#poll;
    if (!poll) return;
    const updates = this.#pending.filter((update) => update.update_id >= poll.offset).slice(0, poll.limit);
    if (updates.length === 0) return;
    this.#poll = undefined;
    poll.resolve(updates);
  }
}
