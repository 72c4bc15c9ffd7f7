import type { RequestListener } from 'node:http';
import { webhookCallback } from 'grammy';
import { expect, test } from 'vitest';
import { serve } from '../../platform-telegram/test/frameworks/serve.js';
import { testWebhook } from '../../platform-telegram/test/frameworks/webhook.js';
import { useStage } from './setup.js';

const stage = useStage();

const listen = (bot = stage.current.bot) =>
  serve(webhookCallback(bot, 'http', { secretToken: 'hush' }) as RequestListener);

testWebhook(stage, { listen, refusal: 401 });

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
