import { expect, test } from 'vitest';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

test('scenes, wizards and sessions work, and each step is caused by the message that it answers', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const run = await BotRun.start(fixture('telegraf/scenes.mjs'), { telegram, bot: account });
  await run.while(telegram.awaitPolling(account));
  const story = [
    ['/introduce', 'What is your name?'],
    ['Alice', 'And your age, Alice?'],
    ['30', 'Alice is 30'],
    ['/echo', 'An echo'],
    ['hello', 'hello'],
    ['/back', 'No echo'],
    ['/count', 'Asked 1 times'],
    ['/count', 'Asked 2 times'],
  ] as const;
  for (const [said, answer] of story) {
    alice.says(account, said);
    await run.while(chat.awaitMessage(({ text, from }) => text === answer && from?.id === account.id));
  }
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  const inbound = records.filter(({ attributes }) => attributes['bot.update.id'] !== undefined);
  expect(inbound.map(({ event }) => event)).toEqual(
    story.map(([said]) => (said.startsWith('/') ? 'bot.command' : 'bot.message')),
  );
  const triggers = ofEvent(records, 'bot.message.send').map(({ attributes }) => attributes['bot.trigger.record_id']);
  expect(triggers).toEqual(inbound.map(({ attributes }) => attributes['audit.record.id']));
  expect(records.map(({ line }) => line).filter((line) => /Alice|hello|Asked/.test(line))).toEqual([]);
});
