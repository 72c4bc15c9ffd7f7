import { Input, Telegram, TelegramError } from 'telegraf';
import { expect, test } from 'vitest';
import { testOutbound } from '../../platform-telegram/test/frameworks/outbound.js';
import { rejection } from '../../platform-telegram/test/frameworks/rejection.js';
import { useStage } from './setup.js';

const stage = useStage();

testOutbound(stage, {
  argumentsOf(error) {
    const { method, payload } = (error as TelegramError).on as { method: string; payload: unknown };
    expect(method).toBe('sendMessage');
    return payload;
  },
  expectBroken: (error) => expect((error as Error).name).toBe('FetchError'),
  expectGivenUp: (error) => expect((error as Error).name).toBe('AbortError'),
  newBotAt: (apiRoot) => stage.current.newBot(stage.current.account, { telegram: { apiRoot } }),
  sendMessage: (chat_id, text, signal) =>
    stage.current.bot.telegram.callApi('sendMessage', { chat_id, text }, { signal } as never),
  file: (bytes, name) => Input.fromBuffer(bytes, name),
});

test('a client that is used alone, without a bot, is audited too', async () => {
  const { telegram, account, group, backend } = stage.current;
  const client = new Telegram(account.token, { apiRoot: telegram.url });
  expect((await client.sendMessage(group.id, 'x')).text).toBe('x');
  expect(backend.only('bot.message.send').attributes).toMatchObject({ 'bot.id': `telegram:${account.id}` });
});

test('so is callApi of its own, whichever method it is given', async () => {
  const { bot, group, bob, backend } = stage.current;
  await bot.telegram.callApi('banChatMember', { chat_id: group.id, user_id: bob.id });
  expect(backend.named('bot.member.ban')).toHaveLength(2);
  const wrong = await rejection(bot.telegram.callApi(undefined as never, {} as never));
  expect(wrong).toBeInstanceOf(TelegramError);
  expect(backend.errors).toEqual([]);
});

test('a file that is not there was never sent', async () => {
  const { bot, group, backend, telegram } = stage.current;
  await rejection(bot.telegram.sendDocument(group.id, Input.fromLocalFile('/no/such/file')));
  expect(telegram.calls).toEqual([]);
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'ENOENT' },
  });
  expect(JSON.stringify(backend.records)).not.toContain('no/such');
});

test.each([502, 200])('a page of something that is not the Bot API leaves the outcome open: %s', async (status) => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { status, body: '<h1>Something</h1>' });
  await rejection(bot.telegram.sendMessage(group.id, 'x'));
  const type = status === 502 ? '502' : 'FetchError';
  expect(backend.only('bot.message.send')).toMatchObject({ outcome: 'unknown', attributes: { 'error.type': type } });
});
