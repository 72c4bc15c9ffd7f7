import { expect, test } from 'vitest';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
import { startTelegram } from './support/telegram.ts';

interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an application shows of itself, as it is or under the flag; what differs from run to run is masked. */
async function show(framework: string, scenario: string, nodeOptions: readonly string[]): Promise<Seen> {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100, id: 7_000_000_001 });
  const alice = telegram.addUser({ name: 'Alice' });
  const options = { telegram, bot: account, nodeOptions, args: [scenario] };
  const run = await BotRun.start(fixture(`transparency/${framework}.mjs`), options);
  if (scenario === 'crash' || scenario === 'stop') {
    await run.while(telegram.awaitPolling(account));
    alice.says(account, '/fail');
  }
  const { code } = await run.exited;
  const masked = (text: string): string =>
    text
      .replaceAll(new URL(telegram.url).port, 'PORT')
      .replaceAll(account.token, 'TOKEN')
      .replaceAll(/\bdate: \d+/g, 'DATE');
  // Below the first lines stand frames of Node's own, and of what was passed on its way.
  const stderr = run.stderr.replace(/^(botaudit: | {4}at ).*\n/gm, '');
  return { code, stdout: masked(run.stdout), stderr: masked(stderr) };
}

const COMMON = ['values', 'errors', 'order', 'unhandled', 'watched', 'crash'];
const SCENARIOS = {
  grammy: COMMON,
  telegraf: [...COMMON, 'webhook', 'stop'],
  mcp: ['values', 'errors', 'order', 'unhandled', 'throws'],
};

const CASES = Object.entries(SCENARIOS).flatMap(([framework, scenarios]) =>
  scenarios.map((scenario) => ({ framework, scenario })),
);

test.for(CASES)('an application of $framework can not tell the flag from its absence: $scenario', async (given) => {
  const { framework, scenario } = given;
  const [without, under] = await Promise.all([
    show(framework, scenario, []),
    show(framework, scenario, ['--import', REGISTER]),
  ]);
  expect(under).toEqual(without);
  expect(without.stdout + without.stderr).not.toBe('');
  expect(without.stdout + without.stderr).not.toMatch(/SyntaxError|is not defined|is not a function/);
});
