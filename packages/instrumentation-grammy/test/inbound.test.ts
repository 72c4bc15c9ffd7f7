import { GrammyError } from 'grammy';
import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

test('a command and what it leads to: received, attempted, done, answered', async () => {
  const { bot, telegram, group, ada, bob, account, backend } = stage.current;
  bot.command('ban', async (ctx) => {
    await ctx.banChatMember(bob.id);
    await ctx.reply('Bob is gone, which is a secret');
  });
  await stage.current.run(async () => {
    ada.says(group, '/ban Bob, who wrote a secret');
    await telegram.awaitCall('sendMessage');
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
  const common = { 'bot.id': `telegram:${account.id}`, 'bot.platform': 'telegram', 'bot.framework': 'grammy' };
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
  const { bot, telegram, account, ada } = stage.current;
  bot.hears('ping', (ctx) => ctx.reply('pong'));
  await stage.current.run(async () => {
    ada.says(account, 'idle talk');
    ada.says(account, 'ping');
    await telegram.awaitCall('sendMessage');
    await stage.current.records('bot.message.send');
  });
  expect(stage.current.done.map(({ name }) => name)).toEqual(['bot.message', 'bot.message.send']);
});

test('a reply that nobody awaits is recorded all the same', async () => {
  const { bot, ada, account } = stage.current;
  bot.command('start', (ctx) => {
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
  bot.command('think', (ctx) => ctx.replyWithChatAction('typing'));
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
  bot.on('callback_query', (ctx) => ctx.answerCallbackQuery('done'));
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

test('joins, and requests to join, are recorded when they arrive', async () => {
  const { bot, telegram, group } = stage.current;
  const eve = telegram.addUser({ name: 'Eve' });
  bot.on('chat_member', () => {});
  const running = bot.start({ allowed_updates: ['chat_member', 'chat_join_request'] });
  await telegram.awaitPolling(stage.current.account);
  eve.asksToJoin(group);
  eve.joins(group);
  await stage.current.records('bot.event', 2);
  await bot.stop();
  await running;
  expect(stage.current.done.map(({ name, action, actor }) => [name, action, actor.id])).toEqual([
    ['bot.event', 'REQUEST', `telegram:${eve.id}`],
    ['bot.event', 'JOIN', `telegram:${eve.id}`],
  ]);
});

test('a handler that fails leaves a record of that, and bot.catch has the very error', async () => {
  const { bot, telegram, ada, account } = stage.current;
  class OwnProblem extends Error {}
  const problem = new OwnProblem('a secret');
  const caught: unknown[] = [];
  bot.catch((error) => {
    caught.push(error.error);
  });
  bot.command('fail', () => {
    throw problem;
  });
  await stage.current.run(async () => {
    ada.says(account, '/fail');
    await stage.current.records('bot.handler.error');
    await telegram.until(() => caught.length > 0);
  });
  expect(caught).toEqual([problem]);
  expect(caught[0]).toBe(problem);
  const [command, failure] = stage.current.done;
  expect(failure).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'OwnProblem', 'bot.trigger.record_id': command?.id, 'bot.update.type': 'message' },
  });
  expect(JSON.stringify(failure)).not.toContain('a secret');
});

test('an error boundary keeps working, and what it catches is recorded once, also when it is thrown again', async () => {
  const { bot, ada, account } = stage.current;
  const seen: string[] = [];
  const guarded = bot.errorBoundary((error) => {
    seen.push(error.error instanceof GrammyError ? String(error.error.error_code) : 'other');
    if (error.ctx.hasCommand('again')) throw error;
  });
  guarded.command(['once', 'again'], (ctx) => ctx.api.sendMessage(123_456, 'nobody is there'));
  bot.catch(() => {});
  await stage.current.run(async () => {
    ada.says(account, '/once');
    ada.says(account, '/again');
    await stage.current.records('bot.handler.error', 2);
  });
  expect(seen).toEqual(['400', '400']);
  const failures = stage.current.backend.named('bot.handler.error');
  expect(failures.map(({ attributes }) => attributes['error.type'])).toEqual(['GrammyError', 'GrammyError']);
});

test('updates that other code hands over are audited like those that were polled', async () => {
  const { bot, account, ada, group, backend } = stage.current;
  bot.botInfo = account.me;
  bot.command('ban', (ctx) => ctx.api.deleteMessage(ctx.chat.id, ctx.message?.message_id ?? 0));
  const message = ada.says(group, '/ban');
  const update = account.queue.pending.find((pending) => pending.message?.message_id === message.message_id);
  await bot.handleUpdate(update as Parameters<typeof bot.handleUpdate>[0]);
  expect(backend.names).toEqual(['bot.started', 'bot.command', 'bot.message.delete']);
  expect(backend.only('bot.started').body).toEqual({ updates: 'application' });
});
