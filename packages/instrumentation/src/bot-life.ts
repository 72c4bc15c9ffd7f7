import type { BotScope } from './bot-scope.js';
import { recordLife } from './life.js';

type State = 'starting' | 'running' | 'stopping';

/**
 * How a bot gets what reaches it; recorded with its start. It fetches its updates itself when it polls, connects or opens a
 * socket.
 */
export type UpdateSource = 'polling' | 'runner' | 'gateway' | 'socket' | 'webhook' | 'application';

const FETCHING: ReadonlySet<UpdateSource> = new Set(['polling', 'runner', 'gateway', 'socket']);

/**
 * Records the life of the bots of one framework from what the framework does: each event once, however often it is told
 * of it. Where nobody starts a bot, as with webhooks and updates that the application hands over, its first update does.
 */
export class BotLife {
  readonly #scopeOf: (bot: object) => BotScope;
  readonly #states = new WeakMap<object, State>();
  /** How bots that start will get their updates. */
  readonly #announced = new WeakMap<object, UpdateSource>();
  /** Bots that are known to take updates, by id. */
  readonly #known = new Set<string | undefined>();
  /** Bots that fetch their updates; also while they stop, when the last ones are still handled. */
  readonly #fetching = new WeakSet<object>();

  constructor(scopeOf: (bot: object) => BotScope) {
    this.#scopeOf = scopeOf;
  }

  /**
   * A bot is about to start.
   *
   * @param updates how it will get its updates, where that is known: it has started when {@link takesUpdates} says so, or
   * when it gets the first one, or is told to stop.
   * @returns `false` where it has been started already: that is no start.
   */
  starting(bot: object, updates?: UpdateSource): boolean {
    if (this.#states.has(bot)) return false;
    this.#states.set(bot, 'starting');
    if (updates) this.#announced.set(bot, updates);
    return true;
  }

  /** A bot of which it was said how it gets its updates takes them now. No event where that is known. */
  takesUpdates(bot: object): void {
    const updates = this.#announced.get(bot);
    if (updates) this.started(bot, updates);
  }

  /** It takes updates now. */
  started(bot: object, updates: UpdateSource): void {
    const scope = this.#scopeOf(bot);
    this.#announced.delete(bot);
    this.#states.set(bot, 'running');
    this.#known.add(scope.id);
    if (FETCHING.has(updates)) this.#fetching.add(bot);
    recordLife(scope, 'bot.started', { body: { updates } });
  }

  /**
   * An update reached a bot.
   *
   * @param updates how, where it was handed to the bot; absent when that is not known.
   * @returns whether the bot fetched it: what is active then is what the bot was started in, and has nothing to do with
   * the update.
   */
  updated(bot: object, updates?: 'webhook'): boolean {
    this.takesUpdates(bot);
    if (this.#fetching.has(bot)) return updates === undefined;
    // Who it is may have become known since it started.
    if (this.isRunning(bot)) return false;
    const scope = this.#scopeOf(bot);
    if (!this.#known.has(scope.id)) {
      this.#known.add(scope.id);
      recordLife(scope, 'bot.started', { body: { updates: updates ?? 'application' } });
    }
    return false;
  }

  /** Whether it takes updates, and was not told to stop. */
  isRunning(bot: object): boolean {
    return this.#states.get(bot) === 'running';
  }

  /** It is told to stop. @returns whether it runs; if not, that is no event. */
  stopping(bot: object): boolean {
    this.takesUpdates(bot);
    if (!this.isRunning(bot)) return false;
    this.#states.set(bot, 'stopping');
    recordLife(this.#scopeOf(bot), 'bot.stopping');
    return true;
  }

  /**
   * It takes no more updates. No event unless it was starting or running.
   *
   * @param failure what ended it, where it did not stop as it was told to: it crashed, or could not start.
   */
  ended(bot: object, failure?: { readonly error: unknown }): void {
    const state = this.#states.get(bot);
    this.#states.delete(bot);
    this.#announced.delete(bot);
    if (state === undefined || (state === 'starting' && !failure)) return;
    if (!failure) recordLife(this.#scopeOf(bot), 'bot.stopped');
    else recordLife(this.#scopeOf(bot), state === 'starting' ? 'bot.started' : 'bot.crashed', failure);
  }
}
