import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BotRun, type BotRunOptions, fixture, REGISTER } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

test('a worker thread is audited like the main one, each on a stream of its own', async () => {
  const telegram = await startTelegram();
  const castor = telegram.addBot({ name: 'Castor' });
  const pollux = telegram.addBot({ name: 'Pollux' });
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, admins: [castor, pollux] });
  const env = { FIRST_TOKEN: castor.token, SECOND_TOKEN: pollux.token };
  const run = await BotRun.start(fixture('threads.mjs'), { telegram, env });
  for (const account of [castor, pollux]) await run.while(telegram.awaitPolling(account));
  alice.says(group, '/who');
  for (const { me } of [castor, pollux]) {
    await run.while(group.awaitMessage(({ text }) => text === `I am ${me.first_name}`));
  }
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  const streams = [castor, pollux].map((account) => {
    expectSentIsRecorded(telegram, account, records);
    const own = records.filter(({ attributes }) => attributes['bot.id'] === `telegram:${account.id}`);
    return [...new Set(own.map(({ stream }) => stream))];
  });
  expect(streams.map(({ length }) => length)).toEqual([1, 1]);
  expect(streams[0]).not.toEqual(streams[1]);
  expect(ofEvent(records, 'audit.stream.closed')).toHaveLength(2);
});

const INHERITED = { nodeOptions: [], env: { NODE_OPTIONS: `--import ${REGISTER}` } };

const WAYS: readonly [way: string, file: string, options: BotRunOptions][] = [
  ['forked by a parent that has the flag', fixture('parent.mjs'), { args: ['fork'] }],
  ['spawned with NODE_OPTIONS', fixture('parent.mjs'), { args: ['spawn'], ...INHERITED }],
  ['started by tsx with NODE_OPTIONS', TSX, { args: [fixture('assistant.ts')], ...INHERITED }],
];

test.for(WAYS)('a bot %s is audited, and its parent leaves no trace', async ([, file, options]) => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const run = await BotRun.start(file, { telegram, bot: account, ...options });
  await run.while(telegram.awaitPolling(account));
  alice.says(account, '/start');
  await run.while(chat.awaitMessage(({ text }) => text === 'Welcome'));
  await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  expect(await readdir(join(run.directory, 'streams'))).toHaveLength(1);
  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
});
