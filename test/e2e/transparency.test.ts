import { expect, test } from 'vitest';
import { BotRun, type BotRunOptions, fixture, REGISTER } from './support/bot-run.ts';
import { botOf, startDiscord } from './support/discord.ts';
import { startTelegram } from './support/telegram.ts';

interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A platform with a bot on it. */
interface Scene {
  readonly options: BotRunOptions;
  /** Does what the scenario needs, once the bot is there. */
  provoke(run: BotRun): Promise<unknown>;
  /** What differs from run to run, with what stands in its place. */
  readonly masks: readonly (readonly [string | RegExp, string])[];
}

async function onTelegram(scenario: string): Promise<Scene> {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100, id: 7_000_000_001 });
  const alice = telegram.addUser({ name: 'Alice' });
  return {
    options: { telegram, bot: account },
    async provoke(run) {
      if (scenario !== 'crash' && scenario !== 'stop') return;
      await run.while(telegram.awaitPolling(account));
      alice.says(account, '/fail');
    },
    masks: [
      [new URL(telegram.url).port, 'PORT'],
      [account.token, 'TOKEN'],
      [/\bdate: \d+/g, 'DATE'],
    ],
  };
}

async function onDiscord(scenario: string): Promise<Scene> {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Bot', id: '1200000000000000001' });
  const alice = discord.addUser('Alice');
  const guild = discord.addGuild({ owner: alice, members: [account] });
  const channel = discord.addChannel(guild);
  discord.failNext('DELETE /channels/:id/messages', { status: 500 });
  const asked = ['order', 'unhandled', 'crash', 'crash at once', 'listeners'];
  return {
    options: botOf(discord, account, { env: { CHANNEL_ID: channel.id, USER_ID: alice.id } }),
    async provoke(run) {
      if (!asked.includes(scenario)) return;
      await run.while(discord.awaitConnected(account));
      alice.runs(account, channel, 'go');
    },
    masks: [
      [new URL(discord.url).port, 'PORT'],
      [account.token, 'TOKEN'],
      [/\b\d{17,20}\b/g, 'ID'],
      [/aW50ZXJhY3Rpb24[\w-]+/g, 'INTERACTION'],
      [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE'],
    ],
  };
}

/** Its other side is part of the application. */
async function byItself(): Promise<Scene> {
  return { options: {}, provoke: async () => undefined, masks: [] };
}

/** What an application shows of itself, as it is or under the flag; what differs from run to run is masked. */
async function show({ framework, scenario, on }: Case, nodeOptions: readonly string[]): Promise<Seen> {
  const { options, provoke, masks } = await on(scenario);
  const args = [scenario];
  const run = await BotRun.start(fixture(`transparency/${framework}.mjs`), { ...options, nodeOptions, args });
  await provoke(run);
  const { code } = await run.exited;
  const masked = (text: string): string => masks.reduce((rest, [what, by]) => rest.replaceAll(what, by), text);
  // Below the first lines stand frames of Node's own, and of what was passed on its way.
  const stderr = run.stderr.replace(/^(botaudit: | {4}at ).*\n/gm, '');
  return { code, stdout: masked(run.stdout), stderr: masked(stderr) };
}

const COMMON = ['values', 'errors', 'order', 'unhandled', 'watched', 'crash'];
const FRAMEWORKS = [
  { framework: 'grammy', on: onTelegram, scenarios: COMMON },
  { framework: 'telegraf', on: onTelegram, scenarios: [...COMMON, 'webhook', 'stop'] },
  { framework: 'discordjs', on: onDiscord, scenarios: [...COMMON, 'crash at once', 'listeners'] },
  { framework: 'mcp', on: byItself, scenarios: ['values', 'errors', 'order', 'unhandled', 'throws'] },
] as const;

const CASES = FRAMEWORKS.flatMap(({ scenarios, ...of }) => scenarios.map((scenario) => ({ ...of, scenario })));
type Case = (typeof CASES)[number];

test.for(CASES)('an application of $framework can not tell the flag from its absence: $scenario', async (given) => {
  const [without, under] = await Promise.all([show(given, []), show(given, ['--import', REGISTER])]);
  expect(under).toEqual(without);
  expect(without.stdout + without.stderr).not.toBe('');
  expect(without.stdout + without.stderr).not.toMatch(/SyntaxError|is not defined|is not a function/);
});
