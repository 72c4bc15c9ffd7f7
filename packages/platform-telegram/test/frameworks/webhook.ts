import { expect, test } from 'vitest';
import type { StageHolder } from '../stage.js';

interface Webhook {
  /** Serves the webhook of the stage's bot, whose secret is `hush`; resolves with its address. */
  readonly listen: () => Promise<string>;
  /** What it answers to who does not know the secret. */
  readonly refusal: number;
}

/** Tests of every framework: updates that come by webhook. */
export function testWebhook(stage: StageHolder, { listen, refusal }: Webhook): void {
  test('a bot with a webhook is audited like one that polls, and started with its first update', async () => {
    const { bot, client, ada, account, backend } = stage.current;
    bot.command('start', (ctx) => ctx.reply('hello'));
    await client.setWebhook(await listen(), { secret_token: 'hush' });
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

  test('a delivery without the secret is none', async () => {
    const { bot, account, backend } = stage.current;
    const url = await listen();
    bot.botInfo = account.me;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ update_id: 1, message: {} }) });
    expect(response.status).toBe(refusal);
    expect(backend.records).toEqual([]);
  });
}
