import { AuditUnavailableError, runAs } from '@botaudit/api';
import { type Api, GrammyError, HttpError, InputFile } from 'grammy';
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
  await bot.api.sendMessage(ada.id, 'good morning');
  expect(backend.only('bot.message.send')).toMatchObject({
    actor: { id: 'service:test', type: 'service' },
    attributes: { 'bot.chat.id': String(ada.id) },
  });
});

test("an application's actor stands in where there is none", async () => {
  const { bot, group, backend } = stage.current;
  await runAs({ id: 'service:nightly', type: 'service' }, () => bot.api.sendMessage(group.id, 'good night'));
  expect(backend.only('bot.message.send').actor).toMatchObject({ id: 'service:nightly', assurance: 'asserted' });
});

test("the Bot API's error reaches the bot as grammY made it, and the record by code and description", async () => {
  const { bot, backend } = stage.current;
  const error = (await rejection(bot.api.sendMessage(1, 'a secret'))) as GrammyError;
  expect(error).toBeInstanceOf(GrammyError);
  expect(error.payload).toEqual({ chat_id: 1, text: 'a secret' });
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    target: { id: 'telegram:1', type: 'chat' },
    attributes: { 'error.type': '400', 'error.message': error.description },
  });
});

test('a rate limit is a failure of that call', async () => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { error_code: 429, retry_after: 7 });
  const error = (await rejection(bot.api.sendMessage(group.id, 'x'))) as GrammyError;
  expect(error.parameters.retry_after).toBe(7);
  expect(backend.only('bot.message.send').attributes).toMatchObject({
    'error.type': '429',
    'error.message': expect.stringContaining('retry after 7'),
  });
});

test('a connection that breaks leaves the outcome open, and no address in the record', async () => {
  const { bot, telegram, group, bob, account, backend } = stage.current;
  telegram.failNext('banChatMember', { reset: 'after' });
  const error = await rejection(bot.api.banChatMember(group.id, bob.id));
  expect(error).toBeInstanceOf(HttpError);
  const [, outcome] = backend.named('bot.member.ban');
  expect(outcome).toMatchObject({ outcome: 'unknown', attributes: { 'error.type': 'ECONNRESET' } });
  const written = JSON.stringify(backend.records);
  for (const part of [account.token.split(':')[1], 'http', '127.0.0.1']) expect(written).not.toContain(part);
});

test('a server that is not there has been asked nothing', async () => {
  const { backend, newBot } = Object.assign(stage.current, { newBot: stage.current.newBot });
  const bot = newBot.call(stage.current, stage.current.account, { client: { apiRoot: 'http://127.0.0.1:1' } });
  await rejection(bot.api.sendMessage(1, 'x'));
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'ECONNREFUSED' },
  });
});

test('a call that the bot gives up leaves the outcome open', async () => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { delayMs: 5_000 });
  const giveUp = new AbortController();
  const call = rejection(
    bot.api.sendMessage(group.id, 'x', {}, giveUp.signal as unknown as Parameters<Api['getMe']>[0]),
  );
  await telegram.until(() => telegram.calls.length > 0);
  giveUp.abort();
  expect(await call).toBeInstanceOf(HttpError);
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'unknown',
    attributes: { 'error.type': 'AbortError' },
  });
});

test('a page of something that is not the Bot API leaves the outcome open', async () => {
  const { bot, telegram, group, backend } = stage.current;
  telegram.failNext('sendMessage', { status: 502, body: '<h1>Bad gateway</h1>' });
  await rejection(bot.api.sendMessage(group.id, 'x'));
  expect(backend.only('bot.message.send').outcome).toBe('unknown');
});

test('uploads reach the platform whole', async () => {
  const { bot, telegram, group, backend } = stage.current;
  await bot.api.sendDocument(group.id, new InputFile(Buffer.from('the bytes'), 'report.pdf'));
  expect(telegram.calls.at(-1)).toMatchObject({ method: 'sendDocument', files: ['report.pdf'] });
  expect(backend.only('bot.message.send').outcome).toBe('success');
});

test('a fail-closed action that can not be recorded does not happen, and its caller learns why', async () => {
  const { bot, telegram, group, bob, backend } = stage.current;
  backend.policy['bot.member.ban'] = { failClosed: true };
  backend.unavailable = true;
  const error = await rejection(bot.api.banChatMember(group.id, bob.id));
  expect(error).toBeInstanceOf(AuditUnavailableError);
  expect(telegram.calls).toEqual([]);
});

test('transformers of the application are its own business, and see the same calls', async () => {
  const { bot, telegram, group, backend } = stage.current;
  const seen: string[] = [];
  const first: Parameters<typeof bot.api.config.use>[0] = (prev, method, payload, signal) => {
    seen.push(`first ${method}`);
    return prev(method, { ...payload, disable_notification: true }, signal);
  };
  const second: typeof first = async (prev, method, payload, signal) => {
    seen.push(`second ${method}`);
    return prev(method, payload, signal);
  };
  bot.api.config.use(first).use(second);
  expect(bot.api.config.installedTransformers()).toEqual([first, second]);
  await bot.api.sendMessage(group.id, 'x');
  expect(seen).toEqual(['second sendMessage', 'first sendMessage']);
  expect(telegram.calls.at(-1)?.args).toMatchObject({ disable_notification: true });
  expect(backend.named('bot.message.send')).toHaveLength(1);
});

test('a call that a transformer answers itself never reached the platform, and is none', async () => {
  const { bot, telegram, backend } = stage.current;
  bot.api.config.use(async () => ({ ok: true, result: true }) as never);
  expect(await bot.api.sendMessage(1, 'x')).toBe(true);
  expect(telegram.calls).toEqual([]);
  expect(backend.records).toEqual([]);
});

test('a transformer of runAs names its actor', async () => {
  const { bot, group, backend } = stage.current;
  bot.api.config.use((prev, ...call) => runAs({ id: 'service:relay', type: 'service' }, () => prev(...call)));
  await bot.api.sendMessage(group.id, 'x');
  expect(backend.only('bot.message.send').actor.id).toBe('service:relay');
});
