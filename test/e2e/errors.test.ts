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

/** The same bot in each framework, and what the framework calls its errors. */
const FRAMEWORKS = [
  { framework: 'grammY', file: 'failing.mjs', apiError: 'GrammyError', networkError: 'HttpError' },
  { framework: 'Telegraf', file: 'telegraf/failing.mjs', apiError: 'TelegramError', networkError: 'FetchError' },
] as const;

async function begin(file: string, options: { env?: NodeJS.ProcessEnv; nodeOptions?: readonly string[] } = {}) {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const run = await BotRun.start(fixture(file), { telegram, bot: account, ...options });
  await run.while(telegram.awaitPolling(account));
  const say = async (text: string) => {
    alice.says(account, text);
    await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  };
  return { telegram, account, alice, run, say };
}

test.for(FRAMEWORKS)(
  '$framework: errors of handlers and of the API reach the bot as before, and each is recorded',
  async (expected) => {
    const { telegram, account, run, say } = await begin(expected.file);
    for (const text of ['/throw', '/reject', '/refused', '/swallowed', '/forgotten', 'talk']) await say(text);
    await run.while(heard(run, 'caught TypeError: no words'));
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(run.stderr).toContain('caught RangeError: thrown');
    expect(run.stderr).toContain('caught SyntaxError: rejected');
    expect(run.stderr).toMatch(new RegExp(`caught ${expected.apiError}: .*400: Bad Request`));
    expect(run.stderr).toMatch(/unhandled .*400: Bad Request: chat not found/);

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
      ['102', expected.apiError, 'failure'],
      ['105', 'TypeError', 'failure'],
    ]);
    const [, ban] = ofEvent(records, 'bot.member.ban');
    expect(ban?.attributes).toMatchObject({
      'audit.outcome': 'failure',
      'error.type': '400',
      'error.message': expect.stringContaining('Bad Request'),
    });
    expect(ofEvent(records, 'bot.message').map(({ attributes }) => attributes['bot.update.id'])).toEqual(['105']);
  },
);

const PAGE = 'a proxy answers with a page';
const FAULTS: readonly [string, Fault][] = [
  ['the connection is reset before Telegram acts', { reset: 'before' }],
  ['the connection is reset after Telegram acted', { reset: 'after' }],
  [PAGE, { status: 502, body: '<html>Bad Gateway</html>' }],
];
const FAULT_CASES = FRAMEWORKS.flatMap((framework) => FAULTS.map(([what, fault]) => ({ ...framework, what, fault })));

test.for(FAULT_CASES)('$framework: when $what, the outcome is unknown', async ({ file, what, fault, ...expected }) => {
  const { telegram, run, say } = await begin(file);
  telegram.failNext('sendMessage', fault);
  await say('/send');
  // Telegraf takes any answer of that kind for one of the Bot API's.
  const taken = what === PAGE && expected.framework === 'Telegraf' ? expected.apiError : expected.networkError;
  await run.while(heard(run, `caught ${taken}`));
  await run.end('SIGTERM');
  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  const [sent] = ofEvent(records, 'bot.message.send');
  expect(sent?.attributes['audit.outcome']).toBe('unknown');
  expect(sent?.attributes['error.type']).toBeDefined();
});

test.for(FRAMEWORKS)(
  '$framework: a bot without bot.catch crashes as it does without the flag, and its last records are there',
  async ({ file }) => {
    const env = { NO_CATCH: '1' };
    const crash = async (nodeOptions?: readonly string[]) => {
      const { account, alice, run } = await begin(file, { env, ...(nodeOptions && { nodeOptions }) });
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
  },
);
