import { GrammyError } from 'grammy';
import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

const life = () => stage.current.life;

test('start and stop', async () => {
  const { bot, account, backend } = stage.current;
  const seen: unknown[] = [];
  const options = {
    onStart(this: unknown, me: { id: number }) {
      seen.push(this === options, me.id);
    },
  };
  const running = bot.start(options);
  await stage.current.telegram.awaitPolling(account);
  await bot.stop();
  expect(await running).toBeUndefined();
  expect(seen).toEqual([true, account.id]);
  expect(life()).toEqual([
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
});

test('starting a bot that runs, or stopping one that does not, is no event', async () => {
  const { bot } = stage.current;
  await stage.current.run(() => bot.start());
  const before = life();
  await bot.stop();
  expect(life()).toEqual(before);
  expect(before).toHaveLength(3);
});

test('a bot that can not start says why, by class alone', async () => {
  const { bot, telegram } = stage.current;
  telegram.failNext('deleteWebhook', { error_code: 401 });
  await expect(bot.start()).rejects.toBeInstanceOf(GrammyError);
  expect(life()).toEqual([['bot.started', 'failure', 'GrammyError']]);
});

test('a bot that another one pushes out has crashed', async () => {
  const { bot, telegram, account } = stage.current;
  telegram.failNext('getUpdates', { error_code: 409 });
  await expect(bot.start()).rejects.toMatchObject({ error_code: 409 });
  expect(telegram.log.of('getUpdates')).toHaveLength(1);
  expect(account.closed).toBe(false);
  expect(life()).toEqual([
    ['bot.started', 'success', undefined],
    ['bot.crashed', 'failure', 'GrammyError'],
  ]);
});

test("an error in onStart is the bot's own", async () => {
  const { bot } = stage.current;
  const problem = new RangeError('theirs');
  const start = bot.start({
    onStart: () => {
      throw problem;
    },
  });
  expect(await start.catch((error: unknown) => error)).toBe(problem);
});

test('a command that stops the bot is the cause of that', async () => {
  const { bot, account, ada, backend } = stage.current;
  bot.command('shutdown', () => bot.stop());
  const running = bot.start();
  await stage.current.telegram.awaitPolling(account);
  ada.says(account, '/shutdown');
  await running;
  expect(backend.only('bot.stopping')).toMatchObject({
    actor: { id: `telegram:${ada.id}` },
    attributes: { 'bot.trigger.record_id': backend.only('bot.command').id },
  });
});
