import { expect, test } from 'vitest';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { aboutBots, expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';
import { besideOldest } from './support/versions.ts';

const TSX = import.meta.resolve('tsx');

const SYSTEMS = [
  ['an ES module', 'assistant.mjs', ['--import', REGISTER]],
  ['CommonJS', 'assistant.cjs', ['--import', REGISTER]],
  ['TypeScript through tsx', 'assistant.ts', ['--import', TSX, '--import', REGISTER]],
  ['TypeScript through tsx, the flag first', 'assistant.ts', ['--import', REGISTER, '--import', TSX]],
] as const;

/** The same bot in each framework leaves the same records. */
const FRAMEWORKS = [
  ['grammY', fixture],
  ['the oldest grammY', (file: string) => besideOldest('grammy', file)],
  ['Telegraf', (file: string) => fixture(`telegraf/${file}`)],
  ['the oldest Telegraf', (file: string) => besideOldest('telegraf', `telegraf/${file}`)],
] as const;

const CASES = FRAMEWORKS.flatMap(([framework, find]) =>
  SYSTEMS.map(([system, file, nodeOptions]) => ({ framework, system, find, file, nodeOptions })),
).filter(({ framework, file }) => !framework.startsWith('the oldest') || !file.endsWith('.ts'));

test.for(CASES)('an unmodified bot of $framework as $system is audited whole', async ({ find, file, nodeOptions }) => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ name: 'Assistant', firstUpdateId: 700 });
  const alice = telegram.addUser({ name: 'Alice' });
  const mallory = telegram.addUser({ name: 'Mallory' });
  const group = telegram.addGroup({ title: 'Group', owner: alice, admins: [account], members: [mallory] });
  const run = await BotRun.start(await find(file), { telegram, bot: account, nodeOptions });
  await run.while(telegram.awaitPolling(account));

  alice.says(group, '/start now');
  await run.while(group.awaitMessage(({ text }) => text === 'Welcome'));
  const spam = mallory.says(group, 'Nobody answers to this');
  alice.says(group, '/ban', { replyTo: spam });
  await run.while(group.awaitMessage(({ text }) => text === 'Gone'));
  alice.says(group, '/menu');
  const menu = await run.while(group.awaitMessage(({ text }) => text === 'Tea?'));
  await run.while(alice.presses(menu, 'Yes').answered());
  await run.while(group.awaitMessage(({ text }) => text === 'Coming'));
  const hello = alice.says(group, 'Hello, bot');
  await run.while(group.awaitMessage(({ text }) => text === 'Hello to you'));
  alice.says(group, '/quiet');
  await run.while(telegram.until(() => account.queue.pending.length === 0));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stdout).toBe('');

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);

  const inbound = aboutBots(records).filter(({ attributes }) => attributes['bot.update.id'] !== undefined);
  const person = `telegram:${alice.id}`;
  const bot = `telegram:${account.id}`;
  const told = inbound.map(({ event, attributes: of }) => [
    of['bot.update.id'],
    event,
    of['bot.command.name'],
    of['audit.actor.id'],
    of['bot.id'],
    of['bot.chat.id'],
    of['audit.outcome'],
  ]);
  const chat = `${group.id}`;
  expect(told).toEqual([
    ['700', 'bot.command', '/start', person, bot, chat, 'success'],
    ['702', 'bot.command', '/ban', person, bot, chat, 'success'],
    ['703', 'bot.command', '/menu', person, bot, chat, 'success'],
    ['704', 'bot.callback', undefined, person, bot, chat, 'success'],
    ['705', 'bot.message', undefined, person, bot, chat, 'success'],
    ['706', 'bot.command', '/quiet', person, bot, chat, 'success'],
  ]);
  expect(inbound[4]?.attributes['audit.target.id']).toBe(`telegram:${group.id}/${hello.message_id}`);

  const [attempt, outcome] = ofEvent(records, 'bot.member.ban');
  expect(attempt?.attributes).toMatchObject({
    'audit.action': 'BAN',
    'audit.actor.id': person,
    'audit.actor.type': 'user',
    'audit.target.id': `telegram:${mallory.id}`,
    'audit.target.type': 'user',
    'audit.outcome': 'unknown',
    'bot.action.stage': 'attempt',
    'bot.api.method': 'banChatMember',
    'bot.trigger.record_id': inbound[1]?.attributes['audit.record.id'],
  });
  expect(outcome?.attributes).toMatchObject({
    'audit.outcome': 'success',
    'bot.action.stage': 'outcome',
    'bot.action.attempt.record_id': attempt?.attributes['audit.record.id'],
    'bot.action.arguments_hash': attempt?.attributes['bot.action.arguments_hash'],
  });
  const triggers = ofEvent(records, 'bot.message.send').map(({ attributes: of }) => of['bot.trigger.record_id']);
  const causes = [0, 1, 2, 4].map((index) => inbound[index]?.attributes['audit.record.id']);
  expect(triggers).toEqual(causes);
  expect(new Set(inbound.map(({ traceId }) => traceId)).size).toBe(inbound.length);

  const verified = await botaudit('verify', run.directory);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.stdout).toContain('consistent');
});
