import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { autoRetry } from '@grammyjs/auto-retry';
import { run } from '@grammyjs/runner';
import { type Bot, BotError, webhookCallback } from 'grammy';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { audit, useStage } from './setup.js';

const require = createRequire(import.meta.url);
audit('@grammyjs/runner', require(join(dirname(require.resolve('@grammyjs/runner')), 'runner.js')));

const stage = useStage();

/** How often something could not be written. */
let refusals: number;
beforeEach(() => {
  refusals = 0;
  const { backend, telegram } = stage.current;
  const { write } = backend;
  backend.write = (event) => {
    try {
      return write(event);
    } catch (error) {
      refusals++;
      telegram.world.signal.notify();
      throw error;
    }
  };
});

/** Nothing can be written from now on. */
function fillDisk(): void {
  stage.current.backend.unavailable = true;
}

const failsClosed = (name: string) => {
  stage.current.backend.policy[name] = { failClosed: true };
};
const UNAVAILABLE = { name: 'AuditUnavailableError', code: 'ERR_AUDIT_UNAVAILABLE' };

/** The ids of updates that Telegram has not been told of yet that they were received. */
const waiting = () => stage.current.account.queue.pending.map((update) => update.message?.text);

/** The texts of messages that the bot's handler has got. */
function noteHandled(bot: Bot): (string | undefined)[] {
  const handled: (string | undefined)[] = [];
  bot.on('message', (ctx) => {
    handled.push(ctx.message.text);
    stage.current.telegram.world.signal.notify();
  });
  return handled;
}

test('a call that can not be recorded is not made, and its caller gets the error itself, also through auto-retry', async () => {
  const { bot, group, bob, telegram } = stage.current;
  failsClosed('bot.member.ban');
  bot.api.config.use(autoRetry());
  fillDisk();
  await expect(bot.api.banChatMember(group.id, bob.id)).rejects.toMatchObject(UNAVAILABLE);
  expect(telegram.log.of('banChatMember')).toEqual([]);
  expect((await bot.api.sendMessage(group.id, 'hello')).text).toBe('hello');
  stage.current.backend.unavailable = false;
  expect(await bot.api.banChatMember(group.id, bob.id)).toBe(true);
});

test('a handler that does not catch it fails as with any other error, and the bot lives on', async () => {
  const { bot, group, ada, bob, telegram, backend } = stage.current;
  failsClosed('bot.member.ban');
  const caught: unknown[] = [];
  bot.catch((error) => {
    caught.push(error);
    telegram.world.signal.notify();
  });
  bot.command('ban', (ctx) => ctx.banChatMember(bob.id));
  bot.command('hello', (ctx) => ctx.reply('hello'));
  await stage.current.run(async () => {
    fillDisk();
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
  failsClosed('bot.command');
  const handled = noteHandled(bot);
  await stage.current.run(async () => {
    fillDisk();
    ada.says(account, '/first');
    await telegram.until(() => refusals >= 2);
    ada.says(account, '/second');
    expect(handled).toEqual([]);
    expect(waiting()).toEqual(['/first', '/second']);
    backend.unavailable = false;
    await telegram.until(() => handled.length === 2 && account.queue.polled);
    expect(waiting()).toEqual([]);
  });
  expect(handled).toEqual(['/first', '/second']);
  expect(backend.named('bot.command')).toHaveLength(2);
});

test('a bot that stops while it holds an update leaves it to Telegram, which delivers it again', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  bot.on('message', () => expect.fail('it was handled'));
  const running = bot.start().catch((error: unknown) => error);
  await telegram.awaitPolling(account);
  fillDisk();
  ada.says(account, '/first');
  await telegram.until(() => refusals >= 1);
  await bot.stop();
  expect(await running).toMatchObject(UNAVAILABLE);
  expect(waiting()).toEqual(['/first']);

  backend.unavailable = false;
  const next = stage.current.newBot();
  const handled = noteHandled(next);
  await stage.current.run(() => telegram.until(() => handled.length === 1 && account.queue.polled), next);
  expect(handled).toEqual(['/first']);
  expect(waiting()).toEqual([]);
});

test('a handler that stops its bot, once its update was held, has it confirmed', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  bot.command('stop', () => bot.stop());
  const running = bot.start();
  await telegram.awaitPolling(account);
  fillDisk();
  ada.says(account, '/stop');
  await telegram.until(() => refusals >= 1);
  backend.unavailable = false;
  await running;
  expect(waiting()).toEqual([]);
});

test('an update that the runner fetched is held too', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  const handled = noteHandled(bot);
  const runner = run(bot);
  await telegram.awaitPolling(account);
  fillDisk();
  ada.says(account, '/first');
  await telegram.until(() => refusals >= 2);
  ada.says(account, 'talk');
  await telegram.until(() => handled.length === 1);
  backend.unavailable = false;
  await telegram.until(() => handled.length === 2);
  await runner.stop();
  expect(handled).toEqual(['talk', '/first']);
});

test('an update that came by webhook is refused at once: the answer is an error, and Telegram delivers it again', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  const handled = noteHandled(bot);
  const errors: unknown[] = [];
  await bot.api.setWebhook(await listen(bot, errors));
  fillDisk();
  ada.says(account, '/first');
  await telegram.until(() => errors.length >= 2);
  expect(errors[0]).toMatchObject(UNAVAILABLE);
  expect(handled).toEqual([]);
  expect(waiting()).toEqual(['/first']);
  backend.unavailable = false;
  await telegram.until(() => waiting().length === 0);
  expect(handled).toEqual(['/first']);
});

/** Serves a bot's webhook; what its handling rejects with is answered with 500. */
async function listen(bot: Bot, errors: unknown[]): Promise<string> {
  const handle = webhookCallback(bot, 'http');
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      errors.push(error);
      stage.current.telegram.world.signal.notify();
      response.writeHead(500).end();
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
