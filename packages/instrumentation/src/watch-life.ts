import type { BotLife, UpdateSource } from './bot-life.js';
import { guard } from './guard.js';
import { observe } from './observe.js';
import { patchMethod } from './patch-method.js';

/** How a method of a framework starts bots. */
export interface StartMethod {
  /** The bot that a call of it starts; `undefined` for none. Default: what it is called on. */
  readonly bot?: ((self: object) => object | undefined) | undefined;
  /** How the bot gets its updates. Default: whoever sees it take the first ones calls `started`. */
  readonly updates?: ((bot: object) => UpdateSource) | undefined;
  /** Whether it lasts for as long as the bot takes updates. Default: it has started the bot when it is fulfilled. */
  readonly lasts?: boolean | undefined;
  /** Settles when it is known who the bot is, where that takes longer than the start: it is recorded then. */
  readonly named?: ((bot: object) => Promise<unknown> | undefined) | undefined;
  /** What the method is given instead of its arguments; `undefined` to leave the call alone. Default: its arguments. */
  readonly args?: ((bot: object, args: readonly unknown[]) => readonly unknown[] | undefined) | undefined;
  /** What it failed with, where the framework wraps it. Default: the error itself. */
  readonly cause?: ((error: unknown) => unknown) | undefined;
}

/**
 * Patches a method that starts bots: a start, one that failed, and, where it lasts, the end or the crash are told to
 * `life`. A bot that was started already starts no more.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @returns whether the method is patched now.
 */
export function watchStart(
  target: object,
  name: PropertyKey,
  source: string,
  life: BotLife,
  method: StartMethod = {},
): boolean {
  const { updates, lasts = false, named, cause } = method;
  const begin = (self: object, args: readonly unknown[]) => {
    const bot = method.bot ? method.bot(self) : self;
    const given = bot && method.args ? method.args(bot, args) : args;
    if (!bot || !given) return undefined;
    if (updates && lasts) life.started(bot, updates(bot));
    else if (!life.starting(bot, updates?.(bot))) return undefined;
    return { bot, given };
  };
  const fail = (bot: object, reason: unknown) => {
    guard(source, () => life.ended(bot, { error: cause ? cause(reason) : reason }));
  };
  const done = (bot: object) => {
    if (lasts) return life.ended(bot);
    const told = named?.(bot);
    if (told) void told.then(() => guard(source, () => life.takesUpdates(bot)));
    else life.takesUpdates(bot);
  };
  return patchMethod(target, name, (start) => {
    return function (this: unknown, ...args) {
      const begun = guard(source, () => begin(this as object, args));
      if (!begun) return Reflect.apply(start, this, args);
      const { bot, given } = begun;
      let started: unknown;
      try {
        started = Reflect.apply(start, this, given);
      } catch (error) {
        fail(bot, error);
        throw error;
      }
      return observe(started, (settlement) => {
        if (settlement.status === 'rejected') fail(bot, settlement.reason);
        else guard(source, () => done(bot));
      });
    };
  });
}

/**
 * Patches a method that stops bots, and has them stopped when it settles: both are told to `life`.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param botOf the bot that a call of it stops; `undefined` for none. Default: what it is called on.
 * @returns whether the method is patched now.
 */
export function watchStop(
  target: object,
  name: PropertyKey,
  source: string,
  life: BotLife,
  botOf: (self: object) => object | undefined = (self) => self,
): boolean {
  return patchMethod(target, name, (stop) => {
    return function (this: unknown, ...args) {
      const bot = guard(source, () => botOf(this as object));
      const stops = bot && guard(source, () => life.stopping(bot));
      const stopped = Reflect.apply(stop, this, args);
      return stops ? observe(stopped, () => guard(source, () => life.ended(bot))) : stopped;
    };
  });
}
