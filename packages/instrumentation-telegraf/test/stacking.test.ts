import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
import { audit, useStage } from './setup.js';

const stage = useStage();
const require = createRequire(import.meta.url);

type Telegraf = typeof import('telegraf');

/** Another instrumentation of the same methods, as OpenTelemetry's are written. */
class Other extends InstrumentationBase {
  readonly calls: string[] = [];

  constructor() {
    super('other', '1.0.0', {});
  }

  protected override init(): void {}

  wrap({ Telegraf, Telegram }: Telegraf): void {
    for (const name of ['handleUpdate', 'launch', 'stop', 'catch']) this.#wrapOne(Telegraf.prototype, name);
    this.#wrapOne(Object.getPrototypeOf(Telegram.prototype), 'callApi');
  }

  #wrapOne(prototype: object, name: string): void {
    const { calls } = this;
    this._wrap(prototype as Record<string, unknown>, name, (original: unknown) => {
      return function (this: unknown, ...args: unknown[]) {
        calls.push(name === 'callApi' ? String(args[0]) : name);
        return Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
      };
    });
  }
}

/** A copy of Telegraf that nobody has touched. */
function freshTelegraf(): Telegraf {
  const folder = dirname(require.resolve('telegraf'));
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return require('telegraf');
}

test.each(['before', 'after'])(
  "an instrumentation of somebody else's that comes %s works, and so does this one",
  async (when) => {
    const { telegram, account, ada, backend } = stage.current;
    const telegraf = freshTelegraf();
    const other = new Other();
    if (when === 'before') other.wrap(telegraf);
    audit(telegraf);
    if (when === 'after') other.wrap(telegraf);
    const bot = new telegraf.Telegraf(account.token, { telegram: { apiRoot: telegram.url } });
    bot.catch(() => {});
    bot.start((ctx) => ctx.reply('hello'));
    await stage.current.run(async () => {
      ada.says(account, '/start');
      await stage.current.records('bot.message.send');
    }, bot);
    expect(other.calls.filter((name) => name !== 'getUpdates')).toEqual([
      ...['catch', 'launch', 'getMe', 'deleteWebhook', 'handleUpdate', 'sendMessage', 'stop'],
    ]);
    expect(backend.names.filter((name) => name !== 'bot.api.call' && name !== 'bot.webhook.set')).toEqual([
      'bot.started',
      'bot.command',
      'bot.message.send',
      'bot.stopping',
      'bot.stopped',
    ]);
    expect(backend.named('bot.api.call')).toHaveLength(1);
  },
);

test('patched again, it records once', async () => {
  const { bot, account, ada, backend } = stage.current;
  for (let i = 0; i < 3; i++) audit(require('telegraf'));
  bot.start((ctx) => ctx.reply('hello'));
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  });
  expect(backend.named('bot.command')).toHaveLength(1);
  expect(backend.named('bot.message.send')).toHaveLength(1);
});

test('wrappers of the application on one bot and its client work too', async () => {
  const { bot, account, ada, backend } = stage.current;
  bot.start((ctx) => ctx.telegram.sendMessage(ctx.chat.id, 'hello'));
  const seen: unknown[] = [];
  const { handleUpdate } = bot;
  bot.handleUpdate = function (update, ...rest) {
    seen.push(update.update_id);
    return handleUpdate.call(this, update, ...rest);
  };
  const callApi = bot.telegram.callApi.bind(bot.telegram);
  bot.telegram.callApi = (method, ...rest) => {
    seen.push(method);
    return callApi(method, ...rest);
  };
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  });
  expect(seen.filter((what) => what !== 'getUpdates')).toEqual(['getMe', 'deleteWebhook', expect.any(Number)]);
  expect(backend.named('bot.command')).toHaveLength(1);
  expect(backend.named('bot.webhook.set')).toHaveLength(2);
});
