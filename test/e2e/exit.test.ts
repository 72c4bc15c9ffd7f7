import { expect, test } from 'vitest';
import { BotRun, type BotRunOptions, type Exit, fixture } from './support/bot-run.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** How the process may end later than without the flag, in milliseconds. There is no endpoint to wait for here. */
const LATER_MS = 500;

interface Ended {
  readonly run: BotRun;
  readonly exit: Exit;
  /** From the moment that it was ready, or was sent the signal, to its end. */
  readonly milliseconds: number;
}

async function end(way: string, signal: NodeJS.Signals | undefined, options: BotRunOptions = {}): Promise<Ended> {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const env = { CHAT_ID: `${group.id}` };
  const run = await BotRun.start(fixture('ends.mjs'), { telegram, bot: account, env, args: [way], ...options });
  const ready = new Promise<void>((resolve) => run.child.stdout?.once('data', () => resolve()));
  await Promise.race([ready, run.exited]);
  const started = performance.now();
  if (signal) run.child.kill(signal);
  const exit = await run.exited;
  return { run, exit, milliseconds: performance.now() - started };
}

const WAYS: readonly [way: string, signal?: NodeJS.Signals][] = [
  ['runs out'],
  ['sets an exit code'],
  ['calls process.exit'],
  ['calls process.exit in an exit handler'],
  ['throws'],
  ['rejects'],
  ['handles what it throws'],
  ['waits for a signal', 'SIGTERM'],
  ['waits for a signal', 'SIGINT'],
  ['waits for a signal', 'SIGHUP'],
  ['handles a signal', 'SIGTERM'],
  ['handles a signal', 'SIGINT'],
  ['handles a signal with process.exit', 'SIGTERM'],
  ['ignores a signal once', 'SIGTERM'],
];

const CASES = WAYS.map(([way, signal]) => ({ way, signal, name: signal ? `${way} (${signal})` : way }));

test.for(CASES)('a bot that $name ends as without the flag, its stream closed', async ({ way, signal }) => {
  const audited = await end(way, signal);
  const plain = await end(way, signal, { nodeOptions: [] });
  expect(audited.exit).toEqual(plain.exit);
  expect(audited.run.stdout).toBe(plain.run.stdout);
  let delay = audited.milliseconds - plain.milliseconds;
  // A machine that is busy can make one run late, but hardly each of three.
  for (let again = 0; again < 2 && delay > LATER_MS; again++) {
    delay = (await end(way, signal)).milliseconds - plain.milliseconds;
  }
  expect(delay).toBeLessThan(LATER_MS);

  const records = await readRecords(audited.run.directory);
  expectChained(records);
  const last = records.at(-1);
  expect([last?.event, last?.attributes['audit.sequence.end']]).toEqual(['audit.stream.closed', true]);
  const said = way === 'handles a signal' ? 2 : 1;
  expect(ofEvent(records, 'bot.message.send')).toHaveLength(said);
});

test('a process that is killed leaves whole lines, and no end', async () => {
  const { run, exit } = await end('waits for a signal', 'SIGKILL');
  expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
  const records = await readRecords(run.directory);
  expectChained(records);
  expect(ofEvent(records, 'bot.message.send')).toHaveLength(1);
  expect(ofEvent(records, 'audit.stream.closed')).toHaveLength(0);
});
