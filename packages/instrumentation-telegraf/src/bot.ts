import {
  auditInbound,
  BotLife,
  guard,
  noticeAssignment,
  patchMethod,
  type Received,
  read,
  readId,
  recordHandlerError,
  watchErrorHandler,
  watchMethod,
  watchStart,
} from '@botaudit/instrumentation';
import { heldUpdates, mapUpdate } from '@botaudit/platform-telegram';
import { expectOwnGetMe } from './client.js';
import { FRAMEWORK, scopeOfBot, scopeOfClient } from './scope.js';

const life = new BotLife(scopeOfBot);

/** A bot's `polling` counts updates as delivered before they are handled, and says so to Telegram when it ends. */
const hold = heldUpdates(FRAMEWORK, {
  get: (polling) => {
    const offset = read(polling, 'offset');
    return typeof offset === 'number' ? offset : undefined;
  },
  set: (polling, offset) => void Object.assign(polling, { offset }),
});

/** Patches inbound updates, handled errors and the life of bots, of `Telegraf`. */
export function patchBot(prototype: object): void {
  auditInbound(prototype, 'handleUpdate', FRAMEWORK, receive);
  watchErrorHandler(prototype, 'catch', FRAMEWORK, recordCaught);

  // How it ends is seen where it ends: some versions return before that.
  watchStart(prototype, 'launch', FRAMEWORK, life);

  patchMethod(prototype, 'startWebhook', (startWebhook) => {
    return function (this: unknown, ...args) {
      const started = Reflect.apply(startWebhook, this, args);
      guard(FRAMEWORK, () => life.started(this as object, 'webhook'));
      return started;
    };
  });

  patchMethod(prototype, 'startPolling', (startPolling) => {
    return function (this: unknown, ...args) {
      poller = this as object;
      try {
        return Reflect.apply(startPolling, this, args);
      } finally {
        poller = undefined;
      }
    };
  });
  // The loop in which a bot polls: it begins at once, and ends when the bot has stopped.
  noticeAssignment(prototype, 'polling', FRAMEWORK, (_, polling) => {
    watchStart(Object.getPrototypeOf(polling), 'loop', FRAMEWORK, life, {
      bot: () => poller,
      updates: () => 'polling',
      lasts: true,
    });
  });

  watchMethod(prototype, 'stop', FRAMEWORK, noticeStop);
}

/** Patches error boundaries, `Composer.catch`: what they catch never reaches `handleUpdate`. */
export function patchComposer(Composer: object): void {
  watchErrorHandler(Composer, 'catch', FRAMEWORK, recordCaught);
}

/** The bot that starts to poll right now. */
let poller: object | undefined;

function noticeStop(bot: object): void {
  if (!life.stopping(bot)) return;
  const server = read(bot, 'webhookServer') as NodeJS.EventEmitter | undefined;
  server?.once('close', () => guard(FRAMEWORK, () => life.ended(bot)));
}

function receive(bot: object, [update, response]: readonly unknown[]): Received {
  const me = read(bot, 'botInfo');
  if (me === undefined && read(bot, 'botInfoCall') === undefined) expectOwnGetMe(read(bot, 'telegram'));
  const fetched = life.updated(bot, response === undefined ? undefined : 'webhook');
  return {
    root: fetched,
    bot: scopeOfBot(bot),
    event: mapUpdate(update, readId(me, 'username')),
    hold: fetched ? { isActive: () => life.isRunning(bot), putBack: () => putBack(bot, update) } : undefined,
  };
}

function putBack(bot: object, update: unknown): () => void {
  const polling = read(bot, 'polling');
  return typeof polling === 'object' && polling !== null ? hold(polling, read(update, 'update_id')) : () => undefined;
}

function recordCaught([error, ctx]: readonly unknown[]): void {
  const event = mapUpdate(read(ctx, 'update'), readId(ctx, 'botInfo', 'username'));
  // Named `tg` by the first versions.
  recordHandlerError({ bot: scopeOfClient(read(ctx, 'telegram') ?? read(ctx, 'tg')), event }, error);
}
