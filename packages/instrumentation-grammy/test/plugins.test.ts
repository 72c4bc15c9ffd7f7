import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { autoRetry } from '@grammyjs/auto-retry';
import { type Conversation, type ConversationFlavor, conversations, createConversation } from '@grammyjs/conversations';
import { Menu } from '@grammyjs/menu';
import { run, sequentialize } from '@grammyjs/runner';
import { apiThrottler } from '@grammyjs/transformer-throttler';
import { Bot, type Context, type SessionFlavor, session } from 'grammy';
import { expect, test } from 'vitest';
import type { FakeBackend } from '../../instrumentation/test/fake-backend.js';
import { expectEachToItsCause } from '../../platform-telegram/test/frameworks/throttled.js';
import { audit, useStage } from './setup.js';

const require = createRequire(import.meta.url);
// The package's main file hands on what this one exports.
const runnerFile = join(dirname(require.resolve('@grammyjs/runner')), 'runner.js');
audit('@grammyjs/runner', require(runnerFile));

const stage = useStage();

const sends = (backend: FakeBackend) =>
  backend.named('bot.message.send').map(({ outcome, attributes }) => [outcome, attributes['error.type']]);

test('auto-retry: every call is a record of its own', async () => {
  const { bot, telegram, group, backend } = stage.current;
  bot.api.config.use(autoRetry());
  telegram.failNext('sendMessage', { error_code: 429, retry_after: 0 }, { times: 2 });
  const message = await bot.api.sendMessage(group.id, 'x');
  expect(message.text).toBe('x');
  expect(sends(backend)).toEqual([
    ['failure', '429'],
    ['failure', '429'],
    ['success', undefined],
  ]);
});

test('a throttler makes calls for whoever drains its queue; each stays with the person who caused it', async () => {
  const { bot, telegram, ada, bob, group } = stage.current;
  const unthrottled = { maxConcurrent: 1, minTime: 0 };
  bot.api.config.use(apiThrottler({ global: unthrottled, group: unthrottled, out: unthrottled }));
  bot.command('say', (ctx) => ctx.reply(`for ${ctx.from?.id}`));
  telegram.latencyMs = 5;
  const runner = run(bot);
  await telegram.awaitPolling(stage.current.account);
  for (let i = 0; i < 5; i++) for (const person of [ada, bob]) person.says(group, '/say');
  await stage.current.records('bot.message.send', 10);
  await runner.stop();
  expectEachToItsCause(stage.current);
});

test('the runner: started, updates at once in order of each chat, errors to bot.catch, stopped', async () => {
  const { bot, telegram, ada, bob, account, backend } = stage.current;
  const caught: unknown[] = [];
  bot.catch(({ error }) => void caught.push(error));
  bot.use(sequentialize((ctx) => String(ctx.chat?.id)));
  const problem = new Error('theirs');
  bot.command('fail', () => {
    throw problem;
  });
  bot.command('hello', (ctx) => ctx.reply('hello'));
  const runner = run(bot);
  await telegram.awaitPolling(account);
  ada.says(account, '/hello');
  bob.says(account, '/fail');
  await stage.current.records('bot.message.send');
  await stage.current.records('bot.handler.error');
  await telegram.until(() => caught.length > 0);
  expect(caught).toEqual([problem]);
  expect(runner.isRunning()).toBe(true);
  await runner.stop();
  expect(runner.isRunning()).toBe(false);
  const life = backend.records.filter(({ name }) => /^bot\.(start|stop)/.test(name));
  expect(life.map(({ name, body }) => [name, body])).toEqual([
    ['bot.started', { updates: 'runner' }],
    ['bot.stopping', undefined],
    ['bot.stopped', undefined],
  ]);
  expect(await runner.stop()).toBeUndefined();
  expect(backend.named('bot.stopping')).toHaveLength(1);
});

test('sessions keep what they hold', async () => {
  const { telegram, account, ada } = stage.current;
  const bot = new Bot<Context & SessionFlavor<{ count: number }>>(account.token, {
    client: { apiRoot: telegram.url },
  });
  bot.use(session({ initial: () => ({ count: 0 }) }));
  bot.command('count', (ctx) => ctx.reply(String(++ctx.session.count)));
  const running = bot.start();
  await telegram.awaitPolling(account);
  ada.says(account, '/count');
  ada.says(account, '/count');
  await stage.current.records('bot.message.send', 2);
  await bot.stop();
  await running;
  const answers = telegram.calls.filter(({ method }) => method === 'sendMessage').map(({ args }) => args.text);
  expect(answers).toEqual(['1', '2']);
});

test('a menu is rendered and pressed', async () => {
  const { bot, telegram, account, ada } = stage.current;
  const menu = new Menu<Context>('choice').text('One', (ctx) => ctx.reply('You chose one'));
  bot.use(menu);
  bot.command('menu', (ctx) => ctx.reply('Choose', { reply_markup: menu }));
  await stage.current.run(async () => {
    ada.says(account, '/menu');
    await telegram.awaitCall('sendMessage');
    const shown = await telegram.until(() => telegram.world.openDialogue(account.user, ada.user).messages.at(-1));
    ada.presses(shown, 'One');
    await telegram.awaitCall('sendMessage', ({ args }) => args.text === 'You chose one');
    await stage.current.records('bot.query.answer');
    await stage.current.records('bot.message.send', 2);
  });
  const pressed = stage.current.backend.only('bot.callback');
  const [, chosen] = stage.current.backend.named('bot.message.send');
  expect(chosen?.attributes['bot.trigger.record_id']).toBe(pressed.id);
});

test('a conversation is replayed for every message; what it did before is not done again, nor recorded', async () => {
  const { telegram, account, ada } = stage.current;
  const bot = new Bot<ConversationFlavor<Context>>(account.token, { client: { apiRoot: telegram.url } });
  async function greeting(conversation: Conversation<ConversationFlavor<Context>, Context>, ctx: Context) {
    await ctx.reply('Your name?');
    const name = await conversation.waitFor('message:text');
    await name.reply('Your age?');
    const age = await conversation.waitFor('message:text');
    await age.reply(`Hello ${name.message.text}`);
  }
  bot.use(conversations());
  bot.use(createConversation(greeting));
  bot.command('start', (ctx) => ctx.conversation.enter('greeting'));
  const running = bot.start();
  await telegram.awaitPolling(account);
  for (const [text, answers] of [
    ['/start', 1],
    ['Ada', 2],
    ['36', 3],
  ] as const) {
    ada.says(account, text);
    await stage.current.records('bot.message.send', answers);
  }
  await bot.stop();
  await running;
  expect(telegram.calls.filter(({ method }) => method === 'sendMessage')).toHaveLength(3);
  const { done } = stage.current;
  expect(done.map(({ name }) => name)).toEqual([
    'bot.command',
    'bot.message.send',
    'bot.message',
    'bot.message.send',
    'bot.message',
    'bot.message.send',
  ]);
  const triggers = done.map(({ id, attributes }) => attributes['bot.trigger.record_id'] ?? id);
  expect(triggers).toEqual([0, 0, 2, 2, 4, 4].map((index) => done[index]?.id));
});
