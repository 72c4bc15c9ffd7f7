import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Telegraf } from 'telegraf';
import { expect, onTestFinished, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

async function listen(bot: Telegraf): Promise<string> {
  const server = createServer(bot.webhookCallback('/', { secretToken: 'hush' }) as RequestListener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('a bot with a webhook is audited like one that polls, and started with its first update', async () => {
  const { bot, ada, account, backend } = stage.current;
  bot.start((ctx) => ctx.reply('hello'));
  await bot.telegram.setWebhook(await listen(bot), { secret_token: 'hush' });
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

test('the call that answers the webhook is recorded, its outcome open: the platform never tells', async () => {
  const { bot, telegram, ada, account, group, backend } = stage.current;
  const results: unknown[] = [];
  bot.command('clean', async (ctx) => {
    // Not among those that may be an answer, though on their way while another one is.
    const sent = ctx.reply('cleaning');
    results.push(await ctx.deleteMessage());
    results.push((await sent).text);
    results.push(await ctx.deleteMessage((await sent).message_id));
  });
  await bot.telegram.setWebhook(await listen(bot), { secret_token: 'hush' });
  ada.says(group, '/clean');
  await stage.current.records('bot.message.delete', 2);
  expect(results).toEqual([true, 'cleaning', true]);
  await telegram.until(() => telegram.calls.filter(({ method }) => method === 'deleteMessage').length === 2);
  expect(telegram.calls.filter(({ transport }) => transport === 'webhook-reply')).toHaveLength(1);
  const deletions = backend.named('bot.message.delete');
  expect(deletions.map(({ outcome, attributes }) => [outcome, attributes['bot.api.webhook_reply']])).toEqual([
    ['unknown', true],
    ['success', undefined],
  ]);
  expect(backend.only('bot.message.send').attributes).not.toHaveProperty('bot.api.webhook_reply');
  for (const { attributes } of deletions) {
    expect(attributes['bot.trigger.record_id']).toBe(backend.only('bot.command').id);
  }
  expect(account.queue.pending).toEqual([]);
});

test('a bot that is not to answer webhooks does not', async () => {
  const { account, ada, group, backend, telegram } = stage.current;
  const bot = stage.current.newBot(account, { telegram: { webhookReply: false } });
  bot.command('clean', (ctx) => ctx.deleteMessage());
  await bot.telegram.setWebhook(await listen(bot), { secret_token: 'hush' });
  ada.says(group, '/clean');
  await stage.current.records('bot.message.delete');
  expect(backend.only('bot.message.delete').outcome).toBe('success');
  expect(telegram.calls.filter(({ transport }) => transport === 'webhook-reply')).toEqual([]);
});

test('a delivery without the secret is none', async () => {
  const { bot, account, backend } = stage.current;
  const url = await listen(bot);
  bot.botInfo = account.me;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ update_id: 1, message: {} }) });
  expect(response.status).toBe(403);
  expect(backend.records).toEqual([]);
});
