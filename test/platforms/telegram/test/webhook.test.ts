import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webhookCallback } from 'grammy';
import { expect, onTestFinished, test } from 'vitest';
import { connect, startTelegram } from './start.ts';

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

test('delivers updates with the secret token to grammY’s webhookCallback', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const bot = connect(telegram, account);
  bot.command('hello', (ctx) => ctx.reply('Hello'));
  const url = await listen(webhookCallback(bot, 'http', { secretToken: 'secret-1' }));
  await bot.api.setWebhook(url, { secret_token: 'secret-1' });
  alice.says(account, '/hello');
  await telegram.world.openDialogue(account.user, alice.user).awaitMessage(({ text }) => text === 'Hello');
  await telegram.until(() => account.queue.pending.length === 0);
  expect(await bot.api.getWebhookInfo()).toMatchObject({ url, pending_update_count: 0, max_connections: 40 });
});

test('carries out the call that a webhook’s answer contains', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const bot = connect(telegram, account, { client: { canUseWebhookReply: (method) => method === 'sendMessage' } });
  bot.command('hello', (ctx) => ctx.reply('Hello by reply'));
  const url = await listen(webhookCallback(bot, 'http'));
  await bot.api.setWebhook(url);
  alice.says(account, '/hello');
  await telegram.world.openDialogue(account.user, alice.user).awaitMessage(({ text }) => text === 'Hello by reply');
  expect(telegram.log.of('sendMessage').map(({ transport }) => transport)).toEqual(['webhook-reply']);
});

test('tries again until the webhook answers with 2xx, in order within a chat', async () => {
  const telegram = await startTelegram({ webhookRetryDelayMs: 1 });
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const seen: string[] = [];
  const url = await listen((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(JSON.parse(body).message.text);
      response.writeHead(seen.length < 4 ? 500 : 200).end();
    });
  });
  const { api } = connect(telegram, account);
  await api.setWebhook(url);
  alice.says(account, 'one');
  alice.says(account, 'two');
  await telegram.until(() => account.queue.pending.length === 0);
  expect(seen).toEqual(['one', 'one', 'one', 'one', 'two']);
  expect((await api.getWebhookInfo()).last_error_message).toBe(
    'Wrong response from the webhook: 500 Internal Server Error',
  );
});

test('refuses polling while a webhook is set, and wrong webhooks', async () => {
  const telegram = await startTelegram();
  const { api } = connect(telegram, telegram.addBot());
  await api.setWebhook('https://127.0.0.1:1/hook');
  await expect(api.getUpdates()).rejects.toThrow("can't use getUpdates method while webhook is active");
  await api.deleteWebhook();
  expect(await api.getUpdates()).toEqual([]);
  await expect(api.setWebhook('nonsense')).rejects.toThrow('invalid webhook URL specified');
  await expect(api.setWebhook('https://x.example', { secret_token: 'a b' })).rejects.toThrow('unallowed characters');
});
