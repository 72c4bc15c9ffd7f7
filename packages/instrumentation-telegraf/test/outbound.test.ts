import { AuditUnavailableError, runAs } from '@botaudit/api';
import { Input, Telegram, TelegramError } from 'telegraf';
import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  );
}

test('the call of a bot that nobody asked is its own', async () => {
  const { bot, ada, account, backend } = stage.current;
  ada.says(account, 'hello');
  await bot.telegram.sendMessage(ada.id, 'good morning');
  expect(backend.only('bot.message.send')).toMatchObject({
    actor: { id: 'service:test', type: 'service' },
    attributes: { 'bot.chat.id': String(ada.id) },
  });
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

test("an application's actor stands in where there is none", async () => {
  const { bot, group, backend } = stage.current;
  await runAs({ id: 'service:nightly', type: 'service' }, () => bot.telegram.sendMessage(group.id, 'good night'));
  expect(backend.only('bot.message.send').actor).toMatchObject({ id: 'service:nightly', assurance: 'asserted' });
});

test("the Bot API's error reaches the bot as Telegraf made it, and the record by code and description", async () => {
  const { bot, backend } = stage.current;
  const error = (await rejection(bot.telegram.sendMessage(1, 'a secret'))) as TelegramError;
  expect(error).toBeInstanceOf(TelegramError);
  expect(error.on).toEqual({ method: 'sendMessage', payload: { chat_id: 1, text: 'a secret' } });
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    target: { id: 'telegram:1', type: 'chat' },
    attributes: { 'error.type': '400', 'error.message': error.description },
  });
  expect(JSON.stringify(backend.records)).not.toContain('a secret');
});

test('a rate limit is a failure of that call', async () => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { error_code: 429, retry_after: 7 });
  const error = (await rejection(bot.telegram.sendMessage(group.id, 'x'))) as TelegramError;
  expect(error.parameters?.retry_after).toBe(7);
  expect(backend.only('bot.message.send').attributes).toMatchObject({
    'error.type': '429',
    'error.message': expect.stringContaining('retry after 7'),
  });
});

test('a connection that breaks leaves the outcome open, and no address in the record', async () => {
  const { bot, telegram, group, bob, account, backend } = stage.current;
  telegram.failNext('banChatMember', { reset: 'after' });
  const error = (await rejection(bot.telegram.banChatMember(group.id, bob.id))) as Error;
  expect(error.name).toBe('FetchError');
  const [, outcome] = backend.named('bot.member.ban');
  expect(outcome).toMatchObject({ outcome: 'unknown', attributes: { 'error.type': 'ECONNRESET' } });
  const written = JSON.stringify(backend.records);
  for (const part of [account.token.split(':')[1], 'http', '127.0.0.1']) expect(written).not.toContain(part);
});

test('a server that is not there has been asked nothing', async () => {
  const { account, backend } = stage.current;
  const bot = stage.current.newBot(account, { telegram: { apiRoot: 'http://127.0.0.1:1' } });
  await rejection(bot.telegram.sendMessage(1, 'x'));
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'ECONNREFUSED' },
  });
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

test('a call that the bot gives up leaves the outcome open', async () => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { delayMs: 5_000 });
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const call = rejection(bot.telegram.callApi('sendMessage', { chat_id: group.id, text: 'x' }, { signal } as never));
  await telegram.until(() => telegram.calls.length > 0);
  giveUp.abort();
  expect(((await call) as Error).name).toBe('AbortError');
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'unknown',
    attributes: { 'error.type': 'AbortError' },
  });
});

test.each([502, 200])('a page of something that is not the Bot API leaves the outcome open: %s', async (status) => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { status, body: '<h1>Something</h1>' });
  await rejection(bot.telegram.sendMessage(group.id, 'x'));
  const type = status === 502 ? '502' : 'FetchError';
  expect(backend.only('bot.message.send')).toMatchObject({ outcome: 'unknown', attributes: { 'error.type': type } });
});

test('uploads reach the platform whole', async () => {
  const { bot, telegram, group, backend } = stage.current;
  await bot.telegram.sendDocument(group.id, Input.fromBuffer(Buffer.from('the bytes'), 'report.pdf'));
  expect(telegram.calls.at(-1)).toMatchObject({ method: 'sendDocument', files: ['report.pdf'] });
  expect(backend.only('bot.message.send').outcome).toBe('success');
});

test('a fail-closed action that can not be recorded does not happen, and its caller learns why', async () => {
  const { bot, telegram, group, bob, backend } = stage.current;
  backend.policy['bot.member.ban'] = { failClosed: true };
  backend.unavailable = true;
  const error = await rejection(bot.telegram.banChatMember(group.id, bob.id));
  expect(error).toBeInstanceOf(AuditUnavailableError);
  expect(telegram.calls).toEqual([]);
});
