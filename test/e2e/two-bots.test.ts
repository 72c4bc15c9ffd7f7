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

const COPIES: readonly [copies: string, second: () => Promise<string>][] = [
  ['one copy of grammY', async () => ''],
  ['two copies of grammY', copyGrammy],
];

test.for(COPIES)('two bots in one process with %s keep their records apart', async ([, second]) => {
  const telegram = await startTelegram();
  const castor = telegram.addBot({ name: 'Castor' });
  const pollux = telegram.addBot({ name: 'Pollux' });
  const accounts = [castor, pollux];
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, admins: accounts });
  const env = { FIRST_TOKEN: castor.token, SECOND_TOKEN: pollux.token, SECOND_GRAMMY: await second() };
  const run = await BotRun.start(fixture('two-bots.mjs'), { telegram, env });
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
  for (const account of accounts) {
    expectSentIsRecorded(telegram, account, records);
    const own = records.filter(({ attributes }) => attributes['bot.id'] === `telegram:${account.id}`);
    expect(ofEvent(own, 'bot.command')).toHaveLength(1);
  }
});
