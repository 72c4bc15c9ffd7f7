import { runAs } from '@botaudit/api';
import { type Api, type GrammyError, HttpError, InputFile } from 'grammy';
import { expect, test } from 'vitest';
import { testOutbound } from '../../platform-telegram/test/frameworks/outbound.js';
import { useStage } from './setup.js';

const stage = useStage();

testOutbound(stage, {
  argumentsOf: (error) => (error as GrammyError).payload,
  expectBroken: (error) => expect(error).toBeInstanceOf(HttpError),
  expectGivenUp: (error) => expect(error).toBeInstanceOf(HttpError),
  newBotAt: (apiRoot) => stage.current.newBot(stage.current.account, { client: { apiRoot } }),
  sendMessage: (chat, text, signal) =>
    stage.current.bot.api.sendMessage(chat, text, {}, signal as unknown as Parameters<Api['getMe']>[0]),
  file: (bytes, name) => new InputFile(bytes, name),
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
