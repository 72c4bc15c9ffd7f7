import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { testStacking } from '../../platform-telegram/test/frameworks/stacking.js';
import { audit, useStage } from './setup.js';

const stage = useStage();
const require = createRequire(import.meta.url);

type Telegraf = typeof import('telegraf');

/** A copy of Telegraf that nobody has touched. */
function freshTelegraf(): Telegraf {
  const folder = dirname(require.resolve('telegraf'));
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return require('telegraf');
}

testStacking(stage, {
  fresh: freshTelegraf,
  audit,
  wrap(other, { Telegraf, Telegram }) {
    for (const name of ['handleUpdate', 'launch', 'stop', 'catch']) other.wrap(Telegraf.prototype, name);
    other.wrap(Object.getPrototypeOf(Telegram.prototype), 'callApi', ([method]) => String(method));
  },
  newBot({ Telegraf }) {
    const { account, telegram } = stage.current;
    const bot = new Telegraf(account.token, { telegram: { apiRoot: telegram.url } });
    bot.catch(() => {});
    return bot;
  },
  calls: ['catch', 'launch', 'getMe', 'deleteWebhook', 'handleUpdate', 'sendMessage', 'stop'],
});

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
