import { get } from 'node:http';
import { expect, test } from 'vitest';
import { freePorts } from '../../../scripts/stack/ports.ts';
import { expectLived, testLife } from '../../platform-telegram/test/frameworks/life.js';
import { useStage } from './setup.js';

const stage = useStage();

testLife(stage);

const life = () => stage.current.life;

test('launch and stop', async () => {
  const { bot, account, telegram } = stage.current;
  const launched: unknown[] = [];
  const running = bot.launch({ dropPendingUpdates: true }, () => void launched.push(bot.botInfo?.id));
  await telegram.awaitPolling(account);
  expect(bot.stop('SIGTERM')).toBeUndefined();
  expect(await running).toBeUndefined();
  expect(launched).toEqual([account.id]);
  expectLived(stage.current);
});

test('stopping again is no event, stopping what was never launched throws as before, launching again is one', async () => {
  const { bot } = stage.current;
  expect(() => bot.stop()).toThrow('Bot is not running!');
  await stage.current.run(async () => {});
  bot.stop();
  expect(life()).toHaveLength(3);
  await stage.current.run(async () => {});
  expect(life()).toHaveLength(6);
});

test('a bot without bot.catch crashes with what its handler threw', async () => {
  const { bot, telegram, account, ada, backend } = stage.current;
  const problem = new RangeError('theirs');
  bot.start(() => {
    throw problem;
  });
  const [exitCode, { error }] = [process.exitCode, console];
  console.error = () => {};
  try {
    const running = bot.launch().catch((reason: unknown) => reason);
    await telegram.awaitPolling(account);
    ada.says(account, '/start');
    expect(await running).toBe(problem);
    expect(process.exitCode).toBe(1);
  } finally {
    process.exitCode = exitCode;
    console.error = error;
  }
  expect(life()).toEqual([
    ['bot.started', 'success', undefined],
    ['bot.crashed', 'failure', 'RangeError'],
  ]);
  expect(backend.only('bot.handler.error').attributes['error.type']).toBe('RangeError');
});

test("an error in the callback of launch is the bot's own", async () => {
  const { bot } = stage.current;
  const problem = new RangeError('theirs');
  const launched = bot.launch(() => {
    throw problem;
  });
  expect(await launched.catch((error: unknown) => error)).toBe(problem);
});

test('a bot that is launched with a webhook', async () => {
  const { bot, telegram, account, backend } = stage.current;
  const [port = 0] = await freePorts(1);
  const webhook = { domain: 'bots.example', path: '/hook', port, host: '127.0.0.1', secretToken: 'hush' };
  await bot.launch({ webhook });
  expect(account.webhook?.url).toBe('https://bots.example/hook');
  const response = await new Promise<number | undefined>((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/hook' }, ({ statusCode }) => resolve(statusCode)).on('error', reject);
  });
  expect(response).toBe(403);
  bot.stop();
  await telegram.until(() => life().length === 3);
  expect(life().map(([name]) => name)).toEqual(['bot.started', 'bot.stopping', 'bot.stopped']);
  expect(backend.only('bot.started').body).toEqual({ updates: 'webhook' });
  expect(JSON.stringify(backend.records)).not.toMatch(/hush|bots\.example/);
});

test('a webhook that Telegram does not take leaves a bot that has crashed', async () => {
  const { bot, telegram } = stage.current;
  telegram.failNext('setWebhook', { error_code: 400 });
  const [port = 0] = await freePorts(1);
  const webhook = { domain: 'bots.example', path: '/hook', port, host: '127.0.0.1' };
  await expect(bot.launch({ webhook })).rejects.toMatchObject({ code: 400 });
  expect(life()).toEqual([
    ['bot.started', 'success', undefined],
    ['bot.crashed', 'failure', 'TelegramError'],
  ]);
  bot.stop();
});
