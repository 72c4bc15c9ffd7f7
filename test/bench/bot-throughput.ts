// Updates per second of the sample bot, with the flag and without, over the Bot API's protocol.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TelegramServer } from '../platforms/telegram/index.ts';
import { REGISTER } from './process.ts';
import type { Section } from './report.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const PAIRS = Number(process.env.BENCH_PAIRS ?? 9);
const UPDATES = 1_500;
const WARM_UP = 300;
const BOT = fileURLToPath(new URL('../../examples/moderation-bot/bot.js', import.meta.url));

/** Has people give commands and waits until the bot has answered them all. */
async function drive(telegram: TelegramServer, updates: number, say: () => void): Promise<number> {
  const before = telegram.log.of('sendMessage').length;
  const started = performance.now();
  for (let index = 0; index < updates; index++) say();
  while (telegram.log.of('sendMessage').length < before + updates) await delay(5);
  return updates / ((performance.now() - started) / 1_000);
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function updatesPerSecond(flags: readonly string[], directory: string): Promise<number> {
  const telegram = await TelegramServer.start();
  const bot = telegram.addBot({ name: 'Moderator' });
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ members: [alice, bot], owner: alice });
  const child = spawn(process.execPath, [...flags, BOT], {
    env: {
      PATH: process.env.PATH,
      BOT_TOKEN: bot.token,
      TELEGRAM_API_ROOT: telegram.url,
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
    },
    stdio: 'ignore',
  });
  try {
    const say = () => void alice.says(group, '/rules');
    await drive(telegram, WARM_UP, say);
    return await drive(telegram, UPDATES, say);
  } finally {
    await stop(child);
    await telegram.stop();
  }
}

export async function botThroughput(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const flags = ['--import', REGISTER];
  const withFlag: number[] = [];
  const without: number[] = [];
  try {
    for (let run = -1; run < PAIRS; run++) {
      const audited = () => updatesPerSecond(flags, join(folder, `journal-${run}`));
      const plain = () => updatesPerSecond([], folder);
      // Who goes first alternates, so that a drift of the machine favours neither.
      const [ours, theirs] =
        run % 2 === 0 ? [await audited(), await plain()] : [await plain(), await audited()].reverse();
      if (run < 0) continue;
      withFlag.push(ours as number);
      without.push(theirs as number);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const ratio = ratios(withFlag, without);
  return {
    title: "The sample bot's updates per second",
    method:
      `The sample moderation bot answers ${UPDATES.toLocaleString('en')} commands of one group over long polling, ${PAIRS} alternating pairs, each ` +
      'in a new process after a warm-up. Every update leaves two records: the command, and the message sent.',
    columns: ['', 'updates/s'],
    rows: [
      ['without the flag', showSpread(spread(without), 0)],
      ['with the flag', showSpread(spread(withFlag), 0)],
    ],
    goals: [
      {
        promise: 'with the flag ≥ 95 % of without',
        measured: `${(ratio.median * 100).toFixed(1)} % (${(ratio.min * 100).toFixed(1)}–${(ratio.max * 100).toFixed(1)})`,
        met: ratio.median >= 0.95,
      },
    ],
  };
}
