import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { audit, useStage } from './setup.js';

const stage = useStage();

test('several bots in one process: each record names the bot that acts, and whose update led to it', async () => {
  const { telegram, bot, ada, account, backend } = stage.current;
  const other = telegram.addBot({ name: 'Other', id: account.id + 1_000_000 });
  const helper = stage.current.newBot(other);
  ada.says(other, 'hello');
  bot.command('relay', () => helper.api.sendMessage(ada.id, 'from the other one'));
  await stage.current.run(async () => {
    ada.says(account, '/relay');
    await stage.current.records('bot.message.send');
  });
  const sent = backend.only('bot.message.send');
  const command = backend.only('bot.command');
  expect(command.attributes['bot.id']).toBe(`telegram:${account.id}`);
  expect(sent.attributes).toMatchObject({ 'bot.id': `telegram:${other.id}`, 'bot.trigger.record_id': command.id });
  expect(sent.actor).toEqual(command.actor);
});

test('two copies of grammY are two classes, both audited', async () => {
  const { telegram, account, ada, backend } = stage.current;
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const require = createRequire(import.meta.url);
  const original = join(require.resolve('grammy'), '..', '..');
  const copied = join(folder, 'node_modules', 'grammy');
  const nested = join(original, 'node_modules');
  cpSync(original, copied, { recursive: true, filter: (source) => source !== nested });
  // What it depends on is the same: each is found beside its real place.
  symlinkSync(nested, join(copied, 'node_modules'));
  for (const name of ['abort-controller', 'debug', '@grammyjs']) {
    symlinkSync(join(original, '..', name), join(folder, 'node_modules', name));
  }
  const copy = createRequire(join(folder, 'bot.js'))('grammy') as typeof import('grammy');
  audit('grammy', copy);
  expect(copy.Bot).not.toBe(stage.current.bot.constructor);
  const bot = new copy.Bot(account.token, { client: { apiRoot: telegram.url } });
  bot.command('start', (ctx) => ctx.reply('hello'));
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  }, bot);
  expect(backend.named('bot.command')).toHaveLength(1);
  expect(backend.named('bot.message.send')).toHaveLength(1);
});

test('a bot without a token in the usual form has no id, until it is known who it is', async () => {
  const { telegram, backend } = stage.current;
  const account = telegram.addBot({ name: 'Odd', token: 'odd' });
  const bot = stage.current.newBot(account);
  await bot.api.getMe();
  expect(backend.only('bot.api.call').attributes).not.toHaveProperty('bot.id');
  bot.botInfo = account.me;
  bot.command('start', () => {});
  await bot.handleUpdate({
    update_id: 1,
    message: {
      ...{ message_id: 1, date: 1, text: '/start', entities: [{ type: 'bot_command', offset: 0, length: 6 }] },
      chat: { id: 1, type: 'private', first_name: 'Ada' },
      from: { id: 1, is_bot: false, first_name: 'Ada' },
    },
  });
  expect(backend.only('bot.command').attributes['bot.id']).toBe(`telegram:${account.id}`);
});
