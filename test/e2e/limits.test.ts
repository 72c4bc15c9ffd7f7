import { expect, test } from 'vitest';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

async function begin(file: string) {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const mallory = telegram.addUser({ name: 'Mallory' });
  const group = telegram.addGroup({ owner: alice, admins: [account], members: [mallory] });
  const run = await BotRun.start(fixture(file), { telegram, bot: account });
  await run.while(telegram.awaitPolling(account));
  return { telegram, account, alice, mallory, group, run };
}

test('a call that Telegram put off and that auto-retry repeats is recorded each time, with how it ended', async () => {
  const { telegram, account, alice, mallory, group, run } = await begin('retries.mjs');
  telegram.failNext('sendMessage', { error_code: 429, retry_after: 1 });
  alice.says(group, '/start');
  await run.while(group.awaitMessage(({ text }) => text === 'Welcome'));
  const spam = mallory.says(group, 'spam');
  telegram.failNext('banChatMember', { error_code: 429, retry_after: 1 });
  alice.says(group, '/ban', { replyTo: spam });
  await run.while(telegram.until(() => group.members.of(mallory.user).status === 'kicked'));
  await run.while(telegram.awaitPolling(account));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  const ends = (event: string) =>
    ofEvent(records, event).map(({ attributes: of }) => [
      of['bot.action.stage'],
      of['audit.outcome'],
      of['error.type'],
    ]);
  expect(ends('bot.message.send')).toEqual([
    [undefined, 'failure', '429'],
    [undefined, 'success', undefined],
  ]);
  expect(ends('bot.member.ban')).toEqual([
    ['attempt', 'unknown', undefined],
    ['outcome', 'failure', '429'],
    ['attempt', 'unknown', undefined],
    ['outcome', 'success', undefined],
  ]);
});

test('calls that the throttler holds back are recorded when they are made', async () => {
  const { telegram, account, alice, group, run } = await begin('throttled.mjs');
  alice.says(group, '/start');
  await run.while(group.awaitMessage(({ text }) => text === 'Three'));
  await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
});
