import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { play, setStage } from '../../scripts/demo/chat.ts';
import { BotRun } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const BOT = fileURLToPath(new URL('../../examples/moderation-bot/bot.js', import.meta.url));

test('an evening of the moderation bot: who did what to whom, refusals and errors included', async () => {
  const telegram = await startTelegram();
  const stage = setStage(telegram);
  const { bot, alice, bob, mallory } = stage;
  const run = await BotRun.start(BOT, { telegram, bot });
  const said: string[] = [];
  await run.while(play(stage, (who, what) => void said.push(`${who} ${what}`), new AbortController().signal));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, bot, records);
  const names = new Map([alice, bob, mallory].map(({ id, user }) => [`telegram:${id}`, user.first_name]));
  const moderation = records
    .filter(({ event }) => /^bot\.(member|role)\./.test(event))
    .map(({ attributes: of }) =>
      [
        names.get(`${of['audit.actor.id']}`),
        of['bot.api.method'],
        names.get(`${of['audit.target.id']}`),
        of['audit.outcome'],
      ].join(' '),
    );
  expect(moderation).toEqual([
    'Alice promoteChatMember Bob unknown',
    'Alice promoteChatMember Bob success',
    'Alice setChatAdministratorCustomTitle Bob unknown',
    'Alice setChatAdministratorCustomTitle Bob success',
    'Bob restrictChatMember Mallory unknown',
    'Bob restrictChatMember Mallory success',
    'Bob banChatMember Alice unknown',
    'Bob banChatMember Alice failure',
    'Alice banChatMember Mallory unknown',
    'Alice banChatMember Mallory success',
  ]);
  const commands = ofEvent(records, 'bot.command').map(({ attributes }) => attributes['bot.command.name']);
  const typed = said.map((line) => / (\/\w+)/.exec(line)?.[1]).filter(Boolean);
  expect(commands).toEqual(typed);
  expect(ofEvent(records, 'bot.handler.error').map(({ attributes }) => attributes['error.type'])).toEqual([
    'GrammyError',
    'TypeError',
  ]);
  expect(records.map(({ line }) => line).filter((line) => line.includes('Free coins'))).toEqual([]);

  const bans = await botaudit('search', '--dir', run.directory, '--action', 'BAN', '--outcome', 'failure', '--json');
  expect(bans.code).toBe(0);
  expect(bans.stdout.trim().split('\n')).toHaveLength(1);
});
