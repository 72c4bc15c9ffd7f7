import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** A second copy of grammY; what it needs is shared with the first. Returns a path from which it is found. */
async function copyGrammy(): Promise<string> {
  const modules = join(await temporaryFolder(), 'node_modules');
  await mkdir(modules);
  const grammy = dirname(dirname(fileURLToPath(import.meta.resolve('grammy'))));
  await cp(grammy, join(modules, 'grammy'), { recursive: true });
  for (const name of [
    '@grammyjs',
    'abort-controller',
    'debug',
    'node-fetch',
    'event-target-shim',
    'ms',
    'whatwg-url',
  ]) {
    await symlink(join(dirname(grammy), name), join(modules, name));
  }
  return join(modules, 'main.js');
}

interface Case {
  readonly of: string;
  readonly file: string;
  /** Where the second bot's copy of its framework is found. */
  readonly second?: () => Promise<string>;
  /** `bot.framework` of each bot's records. */
  readonly frameworks: readonly [string, string];
}

const CASES: readonly Case[] = [
  { of: 'one copy of grammY', file: 'two-bots.mjs', frameworks: ['grammy', 'grammy'] },
  { of: 'two copies of grammY', file: 'two-bots.mjs', second: copyGrammy, frameworks: ['grammy', 'grammy'] },
  { of: 'two frameworks', file: 'telegraf/beside-grammy.mjs', frameworks: ['telegraf', 'grammy'] },
];

test.for(CASES)('two bots in one process with $of keep their records apart', async ({ file, second, frameworks }) => {
  const telegram = await startTelegram();
  const castor = telegram.addBot({ name: 'Castor' });
  const pollux = telegram.addBot({ name: 'Pollux' });
  const accounts = [castor, pollux];
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, admins: accounts });
  const env = { FIRST_TOKEN: castor.token, SECOND_TOKEN: pollux.token, SECOND_GRAMMY: (await second?.()) ?? '' };
  const run = await BotRun.start(fixture(file), { telegram, env });
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
    const of = ofEvent(own, 'bot.message.send').map(({ attributes }) => attributes['bot.framework']);
    expect(of).toEqual([frameworks[index]]);
  }
});
