import { expect, test } from 'vitest';
import { testInbound } from '../../platform-telegram/test/frameworks/inbound.js';
import { useStage } from './setup.js';

const stage = useStage();

testInbound(stage, {
  framework: 'grammy',
  typesOnThink() {
    stage.current.bot.command('think', (ctx) => ctx.replyWithChatAction('typing'));
  },
  answersPresses() {
    stage.current.bot.on('callback_query', (ctx) => ctx.answerCallbackQuery('done'));
  },
  bounded(commands, handler, caught) {
    const guarded = stage.current.bot.errorBoundary((error) => {
      if (caught(error.error, error.ctx)) throw error;
    });
    guarded.command(commands, handler);
  },
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
