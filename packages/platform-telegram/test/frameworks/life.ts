import { expect, test } from 'vitest';
import type { StageHolder, TelegramStage } from '../stage.js';
import { rejection } from './rejection.js';

/** The stage's bot has polled, and has been told to stop: what is recorded of that, and what is known of it. */
export function expectLived({ life, account, backend }: TelegramStage): void {
  expect(life).toEqual([
    ['bot.started', 'success', undefined],
    ['bot.stopping', 'success', undefined],
    ['bot.stopped', 'success', undefined],
  ]);
  expect(backend.only('bot.started')).toMatchObject({
    actor: { id: 'service:test', type: 'service' },
    target: { id: `telegram:${account.id}`, type: 'bot' },
    body: { updates: 'polling' },
  });
  expect(backend.bots).toEqual([
    { id: `telegram:${account.id}`, platform: 'telegram', name: undefined },
    { id: `telegram:${account.id}`, platform: 'telegram', name: `@${account.me.username}` },
  ]);
}

/** Tests of every framework: how a bot that polls starts and ends. */
export function testLife(stage: StageHolder): void {
  test('a bot that can not start says why, by class alone', async () => {
    const { bot, telegram, ApiError } = stage.current;
    telegram.failNext('deleteWebhook', { error_code: 401 });
    await expect(stage.current.start(bot)).rejects.toBeInstanceOf(ApiError);
    expect(stage.current.life).toEqual([['bot.started', 'failure', ApiError.name]]);
  });

  test('a bot that another one pushes out has crashed', async () => {
    const { bot, telegram, account, ApiError } = stage.current;
    telegram.failNext('getUpdates', { error_code: 409 });
    const error = await rejection(stage.current.start(bot));
    expect(stage.current.codeOf(error)).toBe(409);
    expect(telegram.log.of('getUpdates')).toHaveLength(1);
    expect(account.closed).toBe(false);
    expect(stage.current.life).toEqual([
      ['bot.started', 'success', undefined],
      ['bot.crashed', 'failure', ApiError.name],
    ]);
  });

  test('a command that stops the bot is the cause of that', async () => {
    const { bot, telegram, account, ada, backend } = stage.current;
    bot.command('shutdown', async () => {
      await bot.stop();
    });
    const running = stage.current.start(bot);
    await telegram.awaitPolling(account);
    ada.says(account, '/shutdown');
    await running;
    expect(backend.only('bot.stopping')).toMatchObject({
      actor: { id: `telegram:${ada.id}` },
      attributes: { 'bot.trigger.record_id': backend.only('bot.command').id },
    });
  });
}
