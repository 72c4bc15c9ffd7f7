import {
  auditInbound,
  BotLife,
  guard,
  type Received,
  read,
  readId,
  recordHandlerError,
  watchErrorHandler,
  watchMethod,
  watchStart,
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

  watchStart(prototype, 'start', FRAMEWORK, life, { lasts: true, args: noticePolling, cause: innermost });
  watchMethod(prototype, 'stop', FRAMEWORK, (bot) => life.stopping(bot));
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

/** What `start` is given, so that the moment becomes known when it has set the bot up and begins to poll. */
function noticePolling(bot: object, [options, ...rest]: readonly unknown[]): readonly unknown[] | undefined {
  const onStart = read(options, 'onStart');
  if (onStart !== undefined && typeof onStart !== 'function') return undefined;
  const noticed = (...args: unknown[]): unknown => {
    guard(FRAMEWORK, () => life.started(bot, 'polling'));
    return onStart && Reflect.apply(onStart, options, args);
  };
  return [{ ...(options as object | undefined), onStart: noticed }, ...rest];
}

/** What the bot's own code threw: grammY wraps it into a `BotError`, and one that is thrown again into another. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.name === 'BotError' && Object.hasOwn(current, 'ctx')) {
    current = (current as Error & { error?: unknown }).error;
  }
  return current;
}
