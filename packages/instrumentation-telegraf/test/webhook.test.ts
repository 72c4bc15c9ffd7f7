import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { serve } from '../../platform-telegram/test/frameworks/serve.js';
import { testWebhook } from '../../platform-telegram/test/frameworks/webhook.js';
import { useStage } from './setup.js';

const stage = useStage();

const listen = (bot = stage.current.bot) => serve(bot.webhookCallback('/', { secretToken: 'hush' }) as RequestListener);

testWebhook(stage, { listen, refusal: 403 });

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
