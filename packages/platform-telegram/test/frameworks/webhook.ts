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

  test.each(['mark', 'block'] as const)('an update that is delivered twice, with %s', async (onDuplicate) => {
    const { bot, client, account, backend } = stage.current;
    backend.policy['bot.command'] = { onDuplicate };
    let handled = 0;
    bot.command('start', () => void handled++);
    const url = await listen();
    await client.setWebhook(url, { secret_token: 'hush' });
    bot.botInfo = account.me;
    const deliver = async () => {
      const body = JSON.stringify({ update_id: 77, message: START });
      const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'hush' };
      return (await fetch(url, { method: 'POST', body, headers })).status;
    };
    // Also what is not handled is taken: Telegram would deliver it for ever.
    expect([await deliver(), await deliver()]).toEqual([200, 200]);
    expect(handled).toBe(onDuplicate === 'mark' ? 2 : 1);
    const [first, second] = backend.named('bot.command');
    expect(first?.attributes).not.toHaveProperty('bot.duplicate');
    expect(second).toMatchObject({
      outcome: onDuplicate === 'mark' ? 'success' : 'failure',
      attributes: { 'bot.duplicate': true, 'bot.duplicate.of': first?.id },
    });
  });
}

const START = {
  message_id: 1,
  date: 1,
  text: '/start',
  entities: [{ type: 'bot_command', offset: 0, length: 6 }],
  chat: { id: 42, type: 'private', first_name: 'Ada' },
  from: { id: 42, is_bot: false, first_name: 'Ada' },
};
