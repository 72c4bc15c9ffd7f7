// Updates per second of a bot of each framework, with the flag and without, over its platform's protocol.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DrivenBot, driveBot } from './driven-bot.ts';
import { driveDiscordBot } from './driven-discord-bot.ts';
import { driveSlackApp } from './driven-slack-app.ts';
import { REGISTER } from './process.ts';
import type { Goal, Section } from './report.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const PAIRS = 9;
const WARM_UP = 300;

/** A bot of each framework; grammY's is the sample moderation bot. */
const BOTS = [
  { framework: 'grammY', file: '../../examples/moderation-bot/bot.js', start: driveBot },
  { framework: 'Telegraf', file: './fixtures/telegraf-bot.mjs', start: driveBot },
  { framework: 'discord.js', file: './fixtures/discord-bot.mjs', start: driveDiscordBot },
  { framework: 'Bolt for Slack', file: './fixtures/slack-app.mjs', start: driveSlackApp },
].map(({ framework, file, start }) => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return { framework, start: (flags: readonly string[], directory: string) => start(path, flags, directory) };
});

type Driven = Omit<DrivenBot, 'ask'>;
type Start = (typeof BOTS)[number]['start'];

/** Has people give commands and waits until the bot has answered them all. */
async function drive(bot: Driven, updates: number): Promise<number> {
  const before = bot.answers();
  const started = performance.now();
  for (let index = 0; index < updates; index++) bot.say();
  while (bot.answers() < before + updates) await delay(5);
  return updates / ((performance.now() - started) / 1_000);
}

/** How far away the platform is. */
interface Distance {
  readonly name: string;
  /** Added to each call, in milliseconds. */
  readonly latencyMs: number;
  readonly updates: number;
}

const DISTANCES = [
  { name: 'a platform that answers at once, on this machine', latencyMs: 0, updates: 1_500 },
  { name: 'a platform 5 ms away', latencyMs: 5, updates: 300 },
] as const satisfies readonly Distance[];

async function updatesPerSecond(
  start: Start,
  flags: readonly string[],
  directory: string,
  distance: Distance,
): Promise<number> {
  const bot = await start(flags, directory);
  try {
    await drive(bot, WARM_UP);
    bot.platform.latencyMs = distance.latencyMs;
    return await drive(bot, distance.updates);
  } finally {
    await bot.stop();
  }
}

interface Pairs {
  readonly withFlag: number[];
  readonly without: number[];
}

async function measure(start: Start, distance: Distance): Promise<Pairs> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const pairs: Pairs = { withFlag: [], without: [] };
  try {
    for (let run = -1; run < PAIRS; run++) {
      const audited = () => updatesPerSecond(start, ['--import', REGISTER], join(folder, `journal-${run}`), distance);
      const plain = () => updatesPerSecond(start, [], folder, distance);
      // Who goes first alternates, so that a drift of the machine favours neither.
      const first = run % 2 === 0 ? await audited() : await plain();
      const second = run % 2 === 0 ? await plain() : await audited();
      if (run < 0) continue;
      pairs.withFlag.push(run % 2 === 0 ? first : second);
      pairs.without.push(run % 2 === 0 ? second : first);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return pairs;
}

const percent = (share: number) => (share * 100).toFixed(1);

export async function botThroughput(): Promise<Section> {
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const { framework, start } of BOTS) {
    for (const distance of DISTANCES) {
      const { withFlag, without } = await measure(start, distance);
      const ratio = ratios(withFlag, without);
      const measured = `${percent(ratio.median)} % (${percent(ratio.min)}–${percent(ratio.max)})`;
      rows.push([framework, distance.name, showSpread(spread(without), 0), showSpread(spread(withFlag), 0), measured]);
      goals.push({
        promise: `${framework}: with the flag ≥ 95 % of without, with ${distance.name}`,
        measured,
        met: ratio.median >= 0.95,
      });
    }
  }
  return {
    title: "A bot's updates per second",
    method:
      `A bot of each framework answers commands of one group over long polling, of one channel over a gateway or over HTTP, ${PAIRS} alternating ` +
      'pairs, each in a new process after a warm-up. Every update leaves two records: the command, and the message sent. ' +
      'Telegraf handles all updates of a batch at once, grammY one after the other. ' +
      'A server that answers at once leaves a bot nothing to wait for, which is the worst case: an update takes half a ' +
      'millisecond there, and what auditing costs stands against that alone.',
    columns: ['', '', 'without the flag', 'with the flag', 'share'],
    rows,
    goals,
  };
}
