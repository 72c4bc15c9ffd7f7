import { Composer, type Context, TelegramError } from 'telegraf';
import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

test('a command and what it leads to: received, attempted, done, answered', async () => {
  const { bot, group, ada, bob, account, backend } = stage.current;
  bot.command('ban', async (ctx) => {
    await ctx.banChatMember(bob.id);
    await ctx.reply('Bob is gone, which is a secret');
  });
  await stage.current.run(async () => {
    ada.says(group, '/ban Bob, who wrote a secret');
    await stage.current.records('bot.message.send');
  });
  const { done } = stage.current;
  expect(done.map(({ name, action, outcome }) => [name, action, outcome])).toEqual([
    ['bot.command', 'EXECUTE', 'success'],
    ['bot.member.ban', 'BAN', 'unknown'],
    ['bot.member.ban', 'BAN', 'success'],
    ['bot.message.send', 'SEND', 'success'],
  ]);
  const [command, attempt, ban, reply] = done;
  const common = { 'bot.id': `telegram:${account.id}`, 'bot.platform': 'telegram', 'bot.framework': 'telegraf' };
  for (const record of done) {
    expect(record.actor).toEqual({ id: `telegram:${ada.id}`, type: 'user' });
    expect(record.trace?.traceId).toBe(command?.trace?.traceId);
    expect(record.attributes).toMatchObject({ ...common, 'bot.chat.id': String(group.id) });
  }
  expect(command?.attributes).toMatchObject({
    'bot.command.name': '/ban',
    'bot.update.type': 'message',
    'bot.update.id': expect.stringMatching(/^\d+$/),
    'bot.chat.type': 'supergroup',
  });
  expect(attempt?.target).toEqual({ id: `telegram:${bob.id}`, type: 'user' });
  expect(ban?.attributes).toMatchObject({
    'bot.api.method': 'banChatMember',
    'bot.action.stage': 'outcome',
    'bot.action.attempt.record_id': attempt?.id,
    'bot.trigger.record_id': command?.id,
  });
  expect(reply?.target).toEqual({ id: expect.stringMatching(`^telegram:${group.id}/\\d+$`), type: 'message' });
  const everything = JSON.stringify(backend.records);
  expect(everything).not.toContain('a secret');
  expect(everything).not.toContain(account.token.split(':')[1]);
  expect(backend.errors).toEqual([]);
});

test('messages that lead to nothing leave no trace, those that do leave one', async () => {
  const { bot, account, ada } = stage.current;
  bot.hears('ping', (ctx) => ctx.reply('pong'));
  await stage.current.run(async () => {
    ada.says(account, 'idle talk');
    ada.says(account, 'ping');
    await stage.current.records('bot.message.send');
  });
  expect(stage.current.done.map(({ name }) => name)).toEqual(['bot.message', 'bot.message.send']);
});

test('a reply that nobody awaits is recorded all the same', async () => {
  const { bot, ada, account } = stage.current;
  bot.start((ctx) => {
    void ctx.reply('hello');
  });
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  });
  const [command, reply] = stage.current.done;
  expect(reply?.attributes['bot.trigger.record_id']).toBe(command?.id);
});

test('polling and typing leave no records', async () => {
  const { bot, telegram, ada, account, backend } = stage.current;
  bot.command('think', (ctx) => ctx.persistentChatAction('typing', async () => {}));
  await stage.current.run(async () => {
    ada.says(account, '/think');
    await telegram.awaitCall('sendChatAction');
  });
  const methods = backend.records.map((record) => record.attributes['bot.api.method']);
  expect(methods).not.toContain('getUpdates');
  expect(methods).not.toContain('sendChatAction');
});

test('a button press names who pressed, and the message it hangs on', async () => {
  const { bot, telegram, ada, account } = stage.current;
  bot.command('menu', (ctx) =>
    ctx.reply('Choose', { reply_markup: { inline_keyboard: [[{ text: 'One', callback_data: 'a secret' }]] } }),
  );
  bot.action('a secret', (ctx) => ctx.answerCbQuery('done'));
  await stage.current.run(async () => {
    ada.says(account, '/menu');
    await telegram.awaitCall('sendMessage');
    const menu = await telegram.until(() => telegram.world.openDialogue(account.user, ada.user).messages.at(-1));
    await ada.presses(menu, 'One').answered();
    await stage.current.records('bot.query.answer');
  });
  const [, sent, pressed, answer] = stage.current.done;
  expect(pressed).toMatchObject({ name: 'bot.callback', actor: { id: `telegram:${ada.id}` }, target: sent?.target });
  expect(answer).toMatchObject({ name: 'bot.query.answer', attributes: { 'bot.trigger.record_id': pressed?.id } });
  expect(JSON.stringify(stage.current.backend.records)).not.toContain('a secret');
});

class OwnProblem extends Error {}

test('a handler that fails leaves a record of that, and bot.catch has the very error, context and this', async () => {
  const { bot, ada, account } = stage.current;
  const problem = new OwnProblem('a secret');
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
    await stage.current.records('bot.handler.error');
    await stage.current.telegram.until(() => caught.length > 0);
  });
  expect(caught).toEqual([bot, problem, seen[0]]);
  expect(caught[1]).toBe(problem);
  const [command, failure] = stage.current.done;
  expect(failure).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'OwnProblem', 'bot.trigger.record_id': command?.id, 'bot.update.type': 'message' },
  });
  expect(JSON.stringify(failure)).not.toContain('a secret');
});

test('an error boundary keeps working, and what it catches is recorded once, also when it is thrown again', async () => {
  const { bot, ada, account, backend } = stage.current;
  const seen: unknown[] = [];
  const handler = new Composer();
  handler.command(['once', 'again'], (ctx) => ctx.telegram.sendMessage(123_456, 'nobody is there'));
  bot.use(
    Composer.catch((error, ctx) => {
      seen.push(error instanceof TelegramError ? error.code : 'other');
      if (ctx.text === '/again') throw error;
    }, handler),
  );
  bot.catch(() => {});
  await stage.current.run(async () => {
    ada.says(account, '/once');
    ada.says(account, '/again');
    await stage.current.records('bot.handler.error', 2);
  });
  expect(seen).toEqual([400, 400]);
  const failures = backend.named('bot.handler.error');
  expect(failures.map(({ attributes }) => attributes['error.type'])).toEqual(['TelegramError', 'TelegramError']);
  const commands = backend.named('bot.command').map(({ id }) => id);
  expect(failures.map(({ attributes }) => attributes['bot.trigger.record_id'])).toEqual(commands);
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
