import { expect, test } from 'vitest';
import type { Fault } from '../platforms/telegram/index.ts';
import { eventually } from '../support/eventually.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** Waits until the bot has said something on stderr: no event at Telegram tells when. */
const heard = (run: BotRun, text: string) =>
  eventually(`"${text}" on stderr`, () => run.stderr.includes(text) || undefined);

async function begin(options: { env?: NodeJS.ProcessEnv; nodeOptions?: readonly string[] } = {}) {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const run = await BotRun.start(fixture('failing.mjs'), { telegram, bot: account, ...options });
  await run.while(telegram.awaitPolling(account));
  const say = async (text: string) => {
    alice.says(account, text);
    await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  };
  return { telegram, account, alice, run, say };
}

test('errors of handlers and of the API reach the bot as before, and each is recorded', async () => {
  const { telegram, account, run, say } = await begin();
  for (const text of ['/throw', '/reject', '/refused', '/swallowed', '/forgotten', 'talk']) await say(text);
  await run.while(heard(run, 'caught TypeError: no words'));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stderr).toContain('caught RangeError: thrown');
  expect(run.stderr).toContain('caught SyntaxError: rejected');
  expect(run.stderr).toContain("caught GrammyError: Call to 'banChatMember' failed!");
  expect(run.stderr).toContain("unhandled Call to 'sendMessage' failed! (400: Bad Request: chat not found)");

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  const failures = ofEvent(records, 'bot.handler.error').map(({ attributes: of }) => [
    of['bot.update.id'],
    of['error.type'],
    of['audit.outcome'],
  ]);
  expect(failures).toEqual([
    ['100', 'RangeError', 'failure'],
    ['101', 'SyntaxError', 'failure'],
    ['102', 'GrammyError', 'failure'],
    ['105', 'TypeError', 'failure'],
  ]);
  const [, ban] = ofEvent(records, 'bot.member.ban');
  expect(ban?.attributes).toMatchObject({
    'audit.outcome': 'failure',
    'error.type': '400',
    'error.message': expect.stringContaining('Bad Request'),
  });
  expect(ofEvent(records, 'bot.message').map(({ attributes }) => attributes['bot.update.id'])).toEqual(['105']);
});

const FAULTS: readonly [string, Fault][] = [
  ['the connection is reset before Telegram acts', { reset: 'before' }],
  ['the connection is reset after Telegram acted', { reset: 'after' }],
  ['a proxy answers with a page', { status: 502, body: '<html>Bad Gateway</html>' }],
];

test.for(FAULTS)('when %s, the outcome is unknown', async ([, fault]) => {
  const { telegram, run, say } = await begin();
  telegram.failNext('sendMessage', fault);
  await say('/send');
  await run.while(heard(run, 'caught HttpError'));
  await run.end('SIGTERM');
  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  const [sent] = ofEvent(records, 'bot.message.send');
  expect(sent?.attributes['audit.outcome']).toBe('unknown');
  expect(sent?.attributes['error.type']).toBeDefined();
});

test('a bot without bot.catch crashes as it does without the flag, and its last records are there', async () => {
  const env = { NO_CATCH: '1' };
  const crash = async (nodeOptions?: readonly string[]) => {
    const { account, alice, run } = await begin({ env, ...(nodeOptions && { nodeOptions }) });
    alice.says(account, '/throw');
    return { run, exit: await run.exited };
  };
  const audited = await crash();
  const plain = await crash([]);
  expect(audited.exit).toEqual(plain.exit);
  expect(audited.exit.code).toBe(1);
  const records = await readRecords(audited.run.directory);
  expectChained(records);
  expect(ofEvent(records, 'bot.command')).toHaveLength(1);
  expect(ofEvent(records, 'bot.handler.error')).toHaveLength(1);
  expect(records.at(-1)?.attributes['audit.sequence.end']).toBe(true);
});
