import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { audit, useStage } from './setup.js';

const stage = useStage();

/** The oldest version that is supported, which has no client among its exports. */
type Oldest = Pick<typeof import('telegraf'), 'Telegraf' | 'Composer' | 'Scenes' | 'session'>;
const oldest: Oldest = createRequire(import.meta.url)('telegraf-oldest');
audit(oldest);

const newBot = () =>
  new oldest.Telegraf(stage.current.account.token, { telegram: { apiRoot: stage.current.telegram.url } });

/** Stops a bot of the oldest version, whose launch returns before it polls, and waits for its end. */
async function stopped(bot: ReturnType<typeof newBot>): Promise<void> {
  bot.stop();
  await stage.current.records('bot.stopped');
}

test('the oldest version: what reaches a bot, what it does, what fails, its start and its end', async () => {
  const { telegram, account, ada, bob, group, backend } = stage.current;
  const bot = newBot();
  const caught: unknown[] = [];
  bot.catch((error) => void caught.push(error));
  const problem = new RangeError('theirs');
  bot.use(
    oldest.Composer.catch(
      (error) => {
        throw error;
      },
      oldest.Composer.command('fail', () => {
        throw problem;
      }),
    ),
  );
  bot.command('ban', async (ctx) => {
    await ctx.telegram.callApi('banChatMember', { chat_id: ctx.chat.id, user_id: bob.id });
    await ctx.reply('done');
  });
  await bot.launch();
  await telegram.awaitPolling(account);
  ada.says(group, '/ban');
  await stage.current.records('bot.message.send');
  ada.says(group, '/fail');
  await telegram.until(() => caught.length > 0);
  await stopped(bot);
  expect(caught).toEqual([problem]);
  expect(stage.current.done.map(({ name, outcome, actor }) => [name, outcome, actor.id])).toEqual(
    [
      ['bot.command', 'success'],
      ['bot.member.ban', 'unknown'],
      ['bot.member.ban', 'success'],
      ['bot.message.send', 'success'],
      ['bot.command', 'success'],
      ['bot.handler.error', 'failure'],
    ].map((record) => [...record, `telegram:${ada.id}`]),
  );
  expect(stage.current.life.map(([name]) => name)).toEqual(['bot.started', 'bot.stopping', 'bot.stopped']);
  expect(backend.errors).toEqual([]);
});

test('the oldest version: polling that fails after launch has returned is a crash', async () => {
  const { telegram, backend } = stage.current;
  telegram.failNext('getUpdates', { error_code: 409 });
  const rejected = Promise.withResolvers<unknown>();
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').once('unhandledRejection', rejected.resolve);
  try {
    await newBot().launch();
    expect(await rejected.promise).toMatchObject({ code: 409 });
  } finally {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
  await stage.current.records('bot.crashed');
  expect(backend.only('bot.crashed').attributes['error.type']).toBe('TelegramError');
});

test('several bots, of several versions, in one process: each record names the bot that acts, and whose update led to it', async () => {
  const { telegram, bot, ada, account, backend } = stage.current;
  const other = telegram.addBot({ name: 'Other', id: account.id + 1_000_000 });
  const helper = new oldest.Telegraf(other.token, { telegram: { apiRoot: telegram.url } });
  ada.says(other, 'hello');
  bot.command('relay', () => helper.telegram.sendMessage(ada.id, 'from the other one'));
  await stage.current.run(async () => {
    ada.says(account, '/relay');
    await stage.current.records('bot.message.send');
  });
  const [sent, command] = [backend.only('bot.message.send'), backend.only('bot.command')];
  expect(command.attributes['bot.id']).toBe(`telegram:${account.id}`);
  expect(sent.attributes).toMatchObject({ 'bot.id': `telegram:${other.id}`, 'bot.trigger.record_id': command.id });
  expect(sent.actor).toEqual(command.actor);
});
