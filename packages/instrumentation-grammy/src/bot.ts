import {
  guard,
  handleInbound,
  observe,
  patchMethod,
  read,
  readId,
  recordHandlerError,
  recordLife,
} from '@botaudit/instrumentation';
import { mapUpdate } from '@botaudit/platform-telegram';
import { auditApi } from './api.js';
import { FRAMEWORK, nameBot, scopeOf } from './scope.js';
import { watchEnvelope } from './webhook-reply.js';

/** Bots that take updates, by id: where nobody calls `start`, the first update tells. */
const started = new Set<string | undefined>();

/** Bots that poll, or have a runner do so; also while they stop, when the last updates are still handled. */
const polled = new WeakSet<object>();

/** How a bot gets its updates: said once, in the record of its start. */
type UpdateSource = 'polling' | 'runner' | 'webhook' | 'application';

/** Records that a bot takes updates now, unless that was recorded already. */
export function botStarted(bot: object, updates: UpdateSource): void {
  const scope = scopeOf(bot);
  started.add(scope.id);
  if (updates === 'polling' || updates === 'runner') polled.add(bot);
  recordLife(scope, 'bot.started', { body: { updates } });
}

/** Patches inbound updates and the life of bots: `handleUpdate`, `start` and `stop` of `Bot`. */
export function patchBot(prototype: object): void {
  patchMethod(prototype, 'handleUpdate', (handleUpdate) => {
    return function (this: unknown, ...args) {
      const inbound = guard(FRAMEWORK, () => receive(this, args[0], args[1]));
      if (!inbound) return Reflect.apply(handleUpdate, this, args);
      const [update, envelope, ...rest] = args;
      const passed = args.length < 2 ? args : [update, watchEnvelope(envelope), ...rest];
      return handleInbound({ ...inbound, cause: innermost, refuse: (error) => Promise.reject(error) }, () =>
        Reflect.apply(handleUpdate, this, passed),
      );
    };
  });

  patchMethod(prototype, 'start', (start) => {
    return function (this: unknown, ...args) {
      const watched = guard(FRAMEWORK, () => watchStart(this as object, args[0]));
      if (!watched) return Reflect.apply(start, this, args);
      return observe(Reflect.apply(start, this, [watched.options, ...args.slice(1)]), (settlement) => {
        guard(FRAMEWORK, () => {
          const scope = scopeOf(this);
          if (settlement.status === 'rejected') {
            recordLife(scope, watched.begun() ? 'bot.crashed' : 'bot.started', { error: innermost(settlement.reason) });
          } else if (watched.begun()) recordLife(scope, 'bot.stopped');
        });
      });
    };
  });

  patchMethod(prototype, 'stop', (stop) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => {
        if (read(this, 'pollingRunning') === true) recordLife(scopeOf(this), 'bot.stopping');
      });
      return Reflect.apply(stop, this, args);
    };
  });
}

/** Patches error boundaries: what they catch never reaches `handleUpdate`. */
export function patchComposer(prototype: object): void {
  patchMethod(prototype, 'errorBoundary', (errorBoundary) => {
    return function (this: unknown, errorHandler, ...middleware) {
      if (typeof errorHandler !== 'function') return Reflect.apply(errorBoundary, this, [errorHandler, ...middleware]);
      const watched = (...args: unknown[]): unknown => {
        guard(FRAMEWORK, () => recordCaught(args[0]));
        return Reflect.apply(errorHandler, undefined, args);
      };
      return Reflect.apply(errorBoundary, this, [watched, ...middleware]);
    };
  });
}

function receive(bot: unknown, update: unknown, envelope: unknown) {
  const scope = scopeOf(bot);
  const api = read(bot, 'api');
  if (typeof api === 'object' && api !== null) auditApi(api);
  const polling = read(bot, 'pollingRunning') === true || polled.has(bot as object);
  if (!started.has(scope.id) && !polling) {
    botStarted(bot as object, envelope === undefined ? 'application' : 'webhook');
  }
  const event = mapUpdate(update, readId(bot, 'me', 'username'));
  // What is active while a bot polls is what it was started in.
  return { bot: scope, event, root: polling && envelope === undefined };
}

/** Watches for the moment that `start` has set the bot up and begins to poll. */
function watchStart(
  bot: object,
  options: unknown,
): { readonly options: object; readonly begun: () => boolean } | undefined {
  const onStart = read(options, 'onStart');
  if (onStart !== undefined && typeof onStart !== 'function') return undefined;
  let begun = false;
  return {
    options: {
      ...(options as object | undefined),
      onStart: (...args: unknown[]) => {
        begun = true;
        guard(FRAMEWORK, () => {
          nameBot(scopeOf(bot), readId(args[0], 'username'));
          botStarted(bot, 'polling');
        });
        return onStart && Reflect.apply(onStart, options, args);
      },
    },
    begun: () => begun,
  };
}

function recordCaught(botError: unknown): void {
  const ctx = read(botError, 'ctx');
  const event = mapUpdate(read(ctx, 'update'), readId(ctx, 'me', 'username'));
  recordHandlerError({ bot: scopeOf(read(ctx, 'api')), event }, innermost(botError));
}

/** What the bot's own code threw: grammY wraps it into a `BotError`, and one that is thrown again into another. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.name === 'BotError' && Object.hasOwn(current, 'ctx')) {
    current = (current as Error & { error?: unknown }).error;
  }
  return current;
}
