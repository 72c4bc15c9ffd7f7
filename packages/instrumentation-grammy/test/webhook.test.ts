import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bot, webhookCallback } from 'grammy';
import { expect, onTestFinished, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

async function listen(bot: Bot): Promise<string> {
  const server = createServer(webhookCallback(bot, 'http', { secretToken: 'hush' }) as RequestListener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a bot with a webhook is audited like one that polls, and started with its first update', async () => {
  const { bot, ada, account, backend } = stage.current;
  bot.command('start', (ctx) => ctx.reply('hello'));
  await bot.api.setWebhook(await listen(bot), { secret_token: 'hush' });
  ada.says(account, '/start');
  await stage.current.records('bot.message.send');
  ada.says(account, '/start');
  await stage.current.records('bot.message.send', 2);
  expect(backend.only('bot.started').body).toEqual({ updates: 'webhook' });
  expect(backend.named('bot.webhook.set').map(({ outcome, action }) => [outcome, action])).toEqual([
    ['unknown', 'UPDATE'],
    ['success', 'UPDATE'],
  ]);
  expect(backend.named('bot.command')).toHaveLength(2);
  const written = JSON.stringify(backend.records);
  for (const secret of ['hush', 'http']) expect(written).not.toContain(secret);
});

test('an action that answers the webhook is recorded, its outcome open: the platform never tells', async () => {
  const { telegram, ada, account, backend } = stage.current;
  const bot = stage.current.newBot(account, {
    client: { canUseWebhookReply: (method) => method === 'sendMessage' },
  });
  const results: unknown[] = [];
  bot.command('start', async (ctx) => {
    results.push(await ctx.reply('first'));
    results.push((await ctx.reply('second')).text);
  });
  await bot.api.setWebhook(await listen(bot), { secret_token: 'hush' });
  ada.says(account, '/start');
  await telegram.awaitCall('sendMessage', ({ args }) => args.text === 'first');
  const [first, second] = await stage.current.records('bot.message.send', 2);
  expect(results).toEqual([true, 'second']);
  expect(telegram.calls.filter(({ method }) => method === 'sendMessage').map(({ transport }) => transport)).toContain(
    'webhook-reply',
  );
  expect(first).toMatchObject({ outcome: 'unknown', attributes: { 'bot.api.webhook_reply': true } });
  expect(second).toMatchObject({ outcome: 'success' });
  expect(second?.attributes).not.toHaveProperty('bot.api.webhook_reply');
  expect(backend.only('bot.command').id).toBe(first?.attributes['bot.trigger.record_id']);
});

test('a delivery without the secret is none', async () => {
  const { bot, account, backend } = stage.current;
  const url = await listen(bot);
  bot.botInfo = account.me;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ update_id: 1, message: {} }) });
  expect(response.status).toBe(401);
  expect(backend.records).toEqual([]);
});
