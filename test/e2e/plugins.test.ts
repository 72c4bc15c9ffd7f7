import { expect, test } from 'vitest';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

async function begin(file: string) {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const run = await BotRun.start(fixture(file), { telegram, bot: account });
  await run.while(telegram.awaitPolling(account));
  return { telegram, account, alice, chat, run };
}

test('the runner takes many updates at once, and each action names its own cause', async () => {
  const { telegram, account, run } = await begin('runner.mjs');
  const people = Array.from({ length: 20 }, (_, index) =>
    telegram.addUser({ name: `Person ${index}`, username: null }),
  );
  for (const person of people) person.says(account, '/start');
  for (const person of people) {
    const chat = telegram.world.openDialogue(account.user, person.user);
    await run.while(chat.awaitMessage(({ text }) => text === `Welcome, ${person.user.first_name}`));
  }
  people[0]?.says(account, '/fail');
  await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stderr).toContain('caught too much');

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  expect(ofEvent(records, 'bot.command')).toHaveLength(21);
  expect(new Set(ofEvent(records, 'bot.message.send').map(({ attributes }) => attributes['audit.actor.id']))).toEqual(
    new Set(people.map(({ id }) => `telegram:${id}`)),
  );
  expect(ofEvent(records, 'bot.handler.error').map(({ attributes }) => attributes['error.type'])).toEqual([
    'RangeError',
  ]);
});

test('a conversation is recorded once, however often it is played back; menus and sessions work', async () => {
  const { telegram, account, alice, chat, run } = await begin('plugins.mjs');
  alice.says(account, '/introduce');
  await run.while(chat.awaitMessage(({ text }) => text === 'What is your name?'));
  alice.says(account, 'Alice');
  await run.while(chat.awaitMessage(({ text }) => text === 'And your age, Alice?'));
  alice.says(account, '30');
  await run.while(chat.awaitMessage(({ text }) => text === 'Alice is 30'));
  alice.says(account, '/menu');
  const menu = await run.while(chat.awaitMessage(({ text }) => text === 'Press'));
  await run.while(alice.presses(menu, 'Pressed 0').answered());
  const label = () => chat.message(menu.message_id)?.reply_markup?.inline_keyboard[0]?.[0]?.text;
  await run.while(telegram.until(() => label() === 'Pressed 1'));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  const causes = ofEvent(records, 'bot.message').map(({ attributes }) => attributes['bot.update.id']);
  expect(causes).toEqual(['101', '102']);
});
