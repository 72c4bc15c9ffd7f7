import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { autoRetry } from '@grammyjs/auto-retry';
import { run } from '@grammyjs/runner';
import { type Bot, BotError, webhookCallback } from 'grammy';
import { expect, test } from 'vitest';
import { testFailClosed, UNAVAILABLE, useFullDisk } from '../../platform-telegram/test/frameworks/full-disk.js';
import { serve } from '../../platform-telegram/test/frameworks/serve.js';
import { audit, useStage } from './setup.js';

const require = createRequire(import.meta.url);
audit('@grammyjs/runner', require(join(dirname(require.resolve('@grammyjs/runner')), 'runner.js')));

const stage = useStage();

const disk = useFullDisk(stage);

testFailClosed(stage, disk);

test('auto-retry hands on the error of a call that can not be recorded', async () => {
  const { bot, group, bob, telegram } = stage.current;
  disk.failsClosed('bot.member.ban');
  bot.api.config.use(autoRetry());
  disk.fill();
  await expect(bot.api.banChatMember(group.id, bob.id)).rejects.toMatchObject(UNAVAILABLE);
  expect(telegram.log.of('banChatMember')).toEqual([]);
  expect((await bot.api.sendMessage(group.id, 'hello')).text).toBe('hello');
  stage.current.backend.unavailable = false;
  expect(await bot.api.banChatMember(group.id, bob.id)).toBe(true);
});

test('a handler that does not catch it fails as with any other error, and the bot lives on', async () => {
  const { bot, group, ada, bob, telegram, backend } = stage.current;
  disk.failsClosed('bot.member.ban');
  const caught: unknown[] = [];
  bot.catch((error) => {
    caught.push(error);
    telegram.world.signal.notify();
  });
  bot.command('ban', (ctx) => ctx.banChatMember(bob.id));
  bot.command('hello', (ctx) => ctx.reply('hello'));
  await stage.current.run(async () => {
    disk.fill();
    ada.says(group, '/ban');
    await telegram.until(() => caught.length === 1);
    ada.says(group, '/hello');
    await group.awaitMessage(({ text }) => text === 'hello');
    backend.unavailable = false;
    ada.says(group, '/ban');
    await telegram.awaitCall('banChatMember');
  });
  expect(caught[0]).toBeInstanceOf(BotError);
  expect((caught[0] as BotError).error).toMatchObject(UNAVAILABLE);
  expect(telegram.log.of('banChatMember')).toHaveLength(1);
});

test('an update that a bot polled is held until it can be recorded, and those after it wait at Telegram', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  disk.failsClosed('bot.command');
  const handled = disk.noteHandled(bot);
  await stage.current.run(async () => {
    disk.fill();
    ada.says(account, '/first');
    await telegram.until(() => disk.refusals >= 2);
    ada.says(account, '/second');
    expect(handled).toEqual([]);
    expect(disk.waiting()).toEqual(['/first', '/second']);
    backend.unavailable = false;
    await telegram.until(() => handled.length === 2 && account.queue.polled);
    expect(disk.waiting()).toEqual([]);
  });
  expect(handled).toEqual(['/first', '/second']);
  expect(backend.named('bot.command')).toHaveLength(2);
});

test('a handler that stops its bot, once its update was held, has it confirmed', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  disk.failsClosed('bot.command');
  bot.command('stop', () => bot.stop());
  const running = bot.start();
  await telegram.awaitPolling(account);
  disk.fill();
  ada.says(account, '/stop');
  await telegram.until(() => disk.refusals >= 1);
  backend.unavailable = false;
  await running;
  expect(disk.waiting()).toEqual([]);
});

test('an update that the runner fetched is held too', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  disk.failsClosed('bot.command');
  const handled = disk.noteHandled(bot);
  const runner = run(bot);
  await telegram.awaitPolling(account);
  disk.fill();
  ada.says(account, '/first');
  await telegram.until(() => disk.refusals >= 2);
  ada.says(account, 'talk');
  await telegram.until(() => handled.length === 1);
  backend.unavailable = false;
  await telegram.until(() => handled.length === 2);
  await runner.stop();
  expect(handled).toEqual(['talk', '/first']);
});

test('an update that came by webhook is refused at once: the answer is an error, and Telegram delivers it again', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  disk.failsClosed('bot.command');
  const handled = disk.noteHandled(bot);
  const errors: unknown[] = [];
  await bot.api.setWebhook(await listen(bot, errors));
  disk.fill();
  ada.says(account, '/first');
  await telegram.until(() => errors.length >= 2);
  expect(errors[0]).toMatchObject(UNAVAILABLE);
  expect(handled).toEqual([]);
  expect(disk.waiting()).toEqual(['/first']);
  backend.unavailable = false;
  await telegram.until(() => disk.waiting().length === 0);
  expect(handled).toEqual(['/first']);
});

/** Serves a bot's webhook; what its handling rejects with is answered with 500. */
function listen(bot: Bot, errors: unknown[]): Promise<string> {
  const handle = webhookCallback(bot, 'http');
  return serve((request, response) => {
    handle(request, response).catch((error: unknown) => {
      errors.push(error);
      stage.current.telegram.world.signal.notify();
      response.writeHead(500).end();
    });
  });
}
