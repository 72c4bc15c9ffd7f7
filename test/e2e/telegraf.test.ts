import { expect, test } from 'vitest';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
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

test('bots of two frameworks in one process keep their records apart', async () => {
  const telegram = await startTelegram();
  const accounts = [telegram.addBot({ name: 'Castor' }), telegram.addBot({ name: 'Pollux' })] as const;
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, admins: accounts });
  const env = { FIRST_TOKEN: accounts[0].token, SECOND_TOKEN: accounts[1].token };
  const run = await BotRun.start(fixture('telegraf/beside-grammy.mjs'), { telegram, env });
  for (const account of accounts) await run.while(telegram.awaitPolling(account));
  alice.says(group, '/who');
  for (const { me } of accounts) {
    await run.while(group.awaitMessage(({ text }) => text === `I am ${me.first_name}`));
  }
  for (const account of accounts) await run.while(telegram.awaitPolling(account));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  for (const [index, account] of accounts.entries()) {
    expectSentIsRecorded(telegram, account, records);
    const own = records.filter(({ attributes }) => attributes['bot.id'] === `telegram:${account.id}`);
    expect(ofEvent(own, 'bot.command')).toHaveLength(1);
    const frameworks = ofEvent(own, 'bot.message.send').map(({ attributes }) => attributes['bot.framework']);
    expect(frameworks).toEqual([index === 0 ? 'telegraf' : 'grammy']);
  }
});

interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an application shows of itself, as it is or under the flag; what differs from run to run is masked. */
async function show(scenario: string, nodeOptions: readonly string[]): Promise<Seen> {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100, id: 7_000_000_001 });
  const alice = telegram.addUser({ name: 'Alice' });
  const options = { telegram, bot: account, nodeOptions, args: [scenario] };
  const run = await BotRun.start(fixture('telegraf/transparency.mjs'), options);
  if (scenario === 'crash' || scenario === 'stop') {
    await run.while(telegram.awaitPolling(account));
    alice.says(account, '/fail');
  }
  const { code } = await run.exited;
  const masked = (text: string): string =>
    text
      .replaceAll(new URL(telegram.url).port, 'PORT')
      .replaceAll(account.token, 'TOKEN')
      .replaceAll(/\bdate: \d+/g, 'DATE')
      // Below the first line stand frames of Node's own, and of what was passed on its way.
      .replaceAll(/^ {4}at .*\n/gm, '');
  return { code, stdout: masked(run.stdout), stderr: masked(run.stderr.replace(/^botaudit: .*\n/gm, '')) };
}

const SCENARIOS = ['values', 'errors', 'order', 'webhook', 'unhandled', 'watched', 'crash', 'stop'];

test.for(SCENARIOS)('an application can not tell the flag from its absence: %s', async (scenario) => {
  const [without, under] = await Promise.all([show(scenario, []), show(scenario, ['--import', REGISTER])]);
  expect(under).toEqual(without);
  expect(without.stdout + without.stderr).not.toBe('');
  expect(without.stdout + without.stderr).not.toMatch(/SyntaxError|is not defined|is not a function/);
});
