// How long the event loop of the sample bot is held up, with the flag and without, at a steady 500 updates a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { eventually } from '../support/eventually.ts';
import { driveBot } from './driven-bot.ts';
import { fixture, REGISTER } from './process.ts';
import type { Section } from './report.ts';
import { showSpread, spread } from './statistics.ts';

const PAIRS = 7;
const UPDATES_PER_SECOND = 500;
const WARM_UP_SECONDS = 2;
const SECONDS = 6;
const BOT = fileURLToPath(new URL('../../examples/moderation-bot/bot.js', import.meta.url));
const WATCH = pathToFileURL(fixture('watch-event-loop.mjs')).href;

interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function delays(flags: readonly string[], directory: string): Promise<Delays & { perSecond: number }> {
  const bot = await driveBot(BOT, ['--import', WATCH, ...flags], directory);
  const started = performance.now();
  let said = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1_000) * UPDATES_PER_SECOND;
    for (; said < due; said++) bot.say();
  }, 2);
  try {
    await eventually('the first answer', () => bot.answers() > 0 || undefined);
    await wait(WARM_UP_SECONDS * 1_000);
    await bot.ask('reset');
    const before = bot.answers();
    const reset = performance.now();
    await wait(SECONDS * 1_000);
    const perSecond = (bot.answers() - before) / ((performance.now() - reset) / 1_000);
    return { ...((await bot.ask('read')) as Delays), perSecond };
  } finally {
    clearInterval(timer);
    await bot.stop();
  }
}

export async function eventLoopDelay(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const audited: (Delays & { perSecond: number })[] = [];
  const plain: typeof audited = [];
  try {
    for (let pair = 0; pair < PAIRS; pair++) {
      const withFlag = async () =>
        void audited.push(await delays(['--import', REGISTER], join(folder, `journal-${pair}`)));
      const without = async () => void plain.push(await delays([], folder));
      // Who goes first alternates, so that a drift of the machine favours neither.
      for (const run of pair % 2 === 0 ? [withFlag, without] : [without, withFlag]) await run();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const added = (figure: keyof Delays) =>
    spread(audited.map((one, pair) => one[figure] - (plain[pair]?.[figure] ?? 0)));
  const row = (name: string, runs: typeof audited) => [
    name,
    ...(['perSecond', 'p50', 'p99', 'max'] as const).map((figure) =>
      showSpread(spread(runs.map((run) => run[figure])), figure === 'perSecond' ? 0 : 2),
    ),
  ];
  return {
    title: "Delay of a bot's event loop",
    method:
      `The sample moderation bot answers ${UPDATES_PER_SECOND} commands a second of one group over long polling, ${PAIRS} ` +
      `alternating pairs, each in a new process, for ${SECONDS} s after a warm-up; every update leaves two records. ` +
      'Milliseconds between two looks at a timer of one millisecond (`perf_hooks.monitorEventLoopDelay`), which is what they ' +
      'are when nothing holds the loop up.',
    columns: ['', 'answers/s', 'p50 ms', 'p99 ms', 'longest ms'],
    rows: [
      row('without the flag', plain),
      row('with the flag', audited),
      ['added', '', showSpread(added('p50')), showSpread(added('p99')), showSpread(added('max'))],
    ],
    goals: [
      {
        promise: 'p99 of the delay with the flag ≤ 1 ms above that without',
        measured: `${showSpread(added('p99'))} ms`,
        met: added('p99').median <= 1,
      },
    ],
  };
}
