import { expect, test } from 'vitest';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded, gist } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** The same in each framework: a command, what answers the webhook, and what a delivery without the secret is told. */
const BOTS = [
  { framework: 'grammY', file: 'webhook.mjs', command: '/dice', answer: 'sendDice', refused: 401 },
  { framework: 'Telegraf', file: 'telegraf/webhook.mjs', command: '/clean', answer: 'deleteMessage', refused: 403 },
] as const;

test.for(BOTS)(
  'a bot of $framework that is called by webhook is audited, its answers in the response included',
  async (bot) => {
    const telegram = await startTelegram();
    const account = telegram.addBot({ firstUpdateId: 100 });
    const alice = telegram.addUser({ name: 'Alice' });
    const chat = telegram.world.openDialogue(account.user, alice.user);
    const env = { WEBHOOK_SECRET: 'hush-hush' };
    const run = await BotRun.start(fixture(bot.file), { telegram, bot: account, env });
    await run.while(telegram.awaitCall('setWebhook'));

    alice.says(account, '/start');
    await run.while(chat.awaitMessage(({ text }) => text === 'Welcome'));
    alice.says(account, bot.command);
    await run.while(telegram.awaitCall(bot.answer));
    const url = account.webhook?.url ?? '';
    const forged = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'wrong' },
      body: JSON.stringify({ update_id: 666, message: chat.messages[0] }),
    });
    expect(forged.status).toBe(bot.refused);
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectSentIsRecorded(telegram, account, records);
    expect(ofEvent(records, 'bot.command').map(({ attributes }) => attributes['bot.update.id'])).toEqual([
      '100',
      '101',
    ]);
    const answers = records.filter(({ attributes }) => attributes['bot.api.method'] === bot.answer);
    expect(answers.map(({ attributes: of }) => [of['audit.outcome'], of['bot.api.webhook_reply']])).toEqual([
      ['unknown', true],
    ]);
    expect(gist(records)).toContainEqual(
      expect.stringMatching(/^bot\.message\.\w+ [A-Z]+ telegram:\d+ → .* unknown because of bot\.command 101$/),
    );
  },
);
