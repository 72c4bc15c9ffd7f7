import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { testStacking } from '../../platform-telegram/test/frameworks/stacking.js';
import { audit, useStage } from './setup.js';

const stage = useStage();
const require = createRequire(import.meta.url);

/** A copy of grammY that nobody has touched. */
function freshGrammy(): typeof import('grammy') {
  const folder = join(dirname(require.resolve('grammy')), '..');
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return require('grammy');
}

testStacking(stage, {
  fresh: freshGrammy,
  audit: (grammy) => audit('grammy', grammy),
  wrap(other, { Bot }) {
    for (const name of ['handleUpdate', 'start', 'stop']) other.wrap(Bot.prototype, name);
  },
  newBot({ Bot }) {
    const { account, telegram } = stage.current;
    return new Bot(account.token, { client: { apiRoot: telegram.url } });
  },
  calls: ['start', 'handleUpdate', 'stop'],
});

test('a wrapper of the application on one bot works too', async () => {
  const { bot, account, ada, backend } = stage.current;
  bot.command('start', (ctx) => ctx.reply('hello'));
  const handled: number[] = [];
  const { handleUpdate } = bot;
  bot.handleUpdate = function (update, ...rest) {
    handled.push(update.update_id);
    return handleUpdate.call(this, update, ...rest);
  };
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  });
  expect(handled).toHaveLength(1);
  expect(backend.named('bot.command')).toHaveLength(1);
});
