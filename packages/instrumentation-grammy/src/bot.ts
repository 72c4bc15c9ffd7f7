import {
  auditInbound,
  BotLife,
  guard,
  observe,
  patchMethod,
  type Received,
  read,
  readId,
  recordHandlerError,
  watchErrorHandler,
} from '@botaudit/instrumentation';
import { heldUpdates, mapUpdate } from '@botaudit/platform-telegram';
import { auditApi } from './api.js';
import { FRAMEWORK, scopeOf } from './scope.js';
import { watchEnvelope } from './webhook-reply.js';

export const life = new BotLife(scopeOf);

/** A bot that polls counts an update as delivered before it is handled. The runner's count is out of reach. */
const hold = heldUpdates(FRAMEWORK, {
  get: (bot) => {
    const tried = read(bot, 'lastTriedUpdateId');
    return typeof tried === 'number' ? tried + 1 : undefined;
  },
  set: (bot, updateId) => void Object.assign(bot, { lastTriedUpdateId: updateId - 1 }),
});

/** Patches inbound updates and the life of bots: `handleUpdate`, `start` and `stop` of `Bot`. */
export function patchBot(prototype: object): void {
  auditInbound(prototype, 'handleUpdate', FRAMEWORK, receive);

  patchMethod(prototype, 'start', (start) => {
    return function (this: unknown, ...args) {
      const bot = this as object;
      const options = guard(FRAMEWORK, () => watchStart(bot, args[0]));
      if (!options || !life.starting(bot)) return Reflect.apply(start, this, args);
      return observe(Reflect.apply(start, this, [options, ...args.slice(1)]), (settlement) => {
        guard(FRAMEWORK, () =>
          life.ended(bot, settlement.status === 'rejected' ? { error: innermost(settlement.reason) } : undefined),
        );
      });
    };
  });

  patchMethod(prototype, 'stop', (stop) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => life.stopping(this as object));
      return Reflect.apply(stop, this, args);
    };
  });
}

/** Patches error boundaries: what they catch never reaches `handleUpdate`. */
export function patchComposer(prototype: object): void {
  watchErrorHandler(prototype, 'errorBoundary', FRAMEWORK, ([botError]) => {
    const ctx = read(botError, 'ctx');
    const event = mapUpdate(read(ctx, 'update'), readId(ctx, 'me', 'username'));
    recordHandlerError({ bot: scopeOf(read(ctx, 'api')), event }, innermost(botError));
  });
}

function receive(bot: object, [update, envelope, ...rest]: readonly unknown[]): Received {
  const api = read(bot, 'api');
  if (typeof api === 'object' && api !== null) auditApi(api);
  const fetched = life.updated(bot, envelope === undefined ? undefined : 'webhook');
  return {
    root: fetched,
    bot: scopeOf(bot),
    event: mapUpdate(update, readId(bot, 'me', 'username')),
    cause: innermost,
    hold: fetched
      ? { isActive: () => life.isRunning(bot), putBack: () => hold(bot, read(update, 'update_id')) }
      : undefined,
    args: envelope === undefined ? undefined : [update, watchEnvelope(envelope), ...rest],
  };
}

/** The options of `start`, with which the moment becomes known that it has set the bot up and begins to poll. */
function watchStart(bot: object, options: unknown): object | undefined {
  const onStart = read(options, 'onStart');
  if (onStart !== undefined && typeof onStart !== 'function') return undefined;
  return {
    ...(options as object | undefined),
    onStart: (...args: unknown[]) => {
      guard(FRAMEWORK, () => life.started(bot, 'polling'));
      return onStart && Reflect.apply(onStart, options, args);
    },
  };
}

/** What the bot's own code threw: grammY wraps it into a `BotError`, and one that is thrown again into another. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.name === 'BotError' && Object.hasOwn(current, 'ctx')) {
    current = (current as Error & { error?: unknown }).error;
  }
  return current;
}
