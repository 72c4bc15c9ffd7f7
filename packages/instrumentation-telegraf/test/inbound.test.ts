import { Composer, type Context } from 'telegraf';
import { expect, test } from 'vitest';
import { testInbound } from '../../platform-telegram/test/frameworks/inbound.js';
import { useStage } from './setup.js';

const stage = useStage();

testInbound(stage, {
  framework: 'telegraf',
  typesOnThink() {
    stage.current.bot.command('think', (ctx) => ctx.persistentChatAction('typing', async () => {}));
  },
  answersPresses() {
    stage.current.bot.action('a secret', (ctx) => ctx.answerCbQuery('done'));
  },
  bounded(commands, handler, caught) {
    const guarded = new Composer();
    guarded.command(commands, handler);
    stage.current.bot.use(
      Composer.catch((error, ctx) => {
        if (caught(error, ctx)) throw error;
      }, guarded),
    );
  },
});

test('bot.catch has its bot, the very error and the context', async () => {
  const { bot, telegram, ada, account } = stage.current;
  const problem = new Error('theirs');
  const caught: unknown[] = [];
  bot.catch(function (this: unknown, ...args: unknown[]) {
    caught.push(this, ...args);
  });
  const seen: Context[] = [];
  bot.command('fail', (ctx) => {
    seen.push(ctx);
    throw problem;
  });
  await stage.current.run(async () => {
    ada.says(account, '/fail');
    await telegram.until(() => caught.length > 0);
  });
  expect(caught).toEqual([bot, problem, seen[0]]);
  expect(caught[1]).toBe(problem);
});

test('a handler that takes too long has failed, and what it does later is still its own', async () => {
  const { account, telegram, ada, backend } = stage.current;
  const bot = stage.current.newBot(account, { handlerTimeout: 20 });
  const caught: unknown[] = [];
  bot.catch((error) => void caught.push((error as Error).name));
  const late = Promise.withResolvers<void>();
  bot.command('wait', async (ctx) => {
    await late.promise;
    await ctx.reply('at last');
  });
  await stage.current.run(async () => {
    ada.says(account, '/wait');
    await stage.current.records('bot.handler.error');
    late.resolve();
    await stage.current.records('bot.message.send');
    await telegram.until(() => caught.length > 0);
  }, bot);
  expect(caught).toEqual(['TimeoutError']);
  expect(backend.only('bot.handler.error').attributes['error.type']).toBe('TimeoutError');
  expect(backend.only('bot.message.send').attributes['bot.trigger.record_id']).toBe(backend.only('bot.command').id);
});

test('updates that other code hands over are audited like those that were polled; who the bot is, it asks itself', async () => {
  const { bot, account, ada, group, backend } = stage.current;
  bot.command('ban', (ctx) => ctx.deleteMessage());
  const message = ada.says(group, '/ban');
  const update = account.queue.pending.find((pending) => pending.message?.message_id === message.message_id);
  await bot.handleUpdate(update as Parameters<typeof bot.handleUpdate>[0]);
  expect(backend.records.map(({ name, actor }) => [name, actor.type])).toEqual([
    ['bot.started', 'service'],
    ['bot.command', 'user'],
    ['bot.api.call', 'service'],
    ['bot.message.delete', 'user'],
  ]);
  const asked = backend.only('bot.api.call');
  expect(asked.attributes).toMatchObject({ 'bot.api.method': 'getMe', 'bot.id': `telegram:${account.id}` });
  expect(asked.attributes).not.toHaveProperty('bot.trigger.record_id');
  expect(backend.only('bot.started').body).toEqual({ updates: 'application' });
});
