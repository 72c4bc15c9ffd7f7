import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { type VerifyReport, verifyJournal } from '../../support/verify.ts';
import { SoakBot } from './bots.ts';
import { type Flatness, flatness } from './flatness.ts';
import { NumberedSink } from './numbered-sink.ts';

/** What a soak came to. */
export interface SoakReport {
  readonly minutes: number;
  readonly flatness: readonly Flatness[];
  /** Records whose write had returned, as far as the bots told. */
  readonly written: number;
  /** Of these, how many never came to the sink. */
  readonly lost: number;
  readonly restarts: number;
  readonly outages: number;
  /** Requests that the sink refused in these. */
  readonly refused: number;
  /** Records that tell of segments removed for room. */
  readonly retentions: number;
  readonly verification: VerifyReport & { readonly exitCode: number };
  /** What is wrong. */
  readonly problems: readonly string[];
}

/** Records per second of each of the two bots. */
const RATE = 250;
/** A bot restarts after so long, by turns asked to end and killed. */
const RESTART_S = 15;
/** The sink is away for so long, */
const OUTAGE_S = 6;
/** once in so long. */
const OUTAGE_EVERY_S = 25;
/** What reaches the sink late, as after an outage, has so long. */
const CATCH_UP_MS = 60_000;

/** A folder that is full soon: of segments that are full after some seconds, compressed, and removed to make room. */
const LIMITS = {
  BOTAUDIT_SEGMENT_MAX_BYTES: '512 KiB',
  BOTAUDIT_MAX_BYTES: '5 MiB',
  BOTAUDIT_METRICS: 'off',
};

/**
 * Two bots write to one journal at a steady rate, which is rotated, compressed, shipped, and pruned as it reaches its
 * limit. The sink goes away and comes back; one of the bots restarts, and is killed, over and over; the other one runs all
 * the time, and is what must not grow.
 *
 * @param say hears how far it is, each minute.
 */
export async function soak(minutes: number, say: (text: string) => void = () => {}): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-soak-'));
  const directory = join(folder, 'journal');
  const sink = await NumberedSink.start();
  const env = { ...sink.env, ...LIMITS, BOTAUDIT_DIR: directory, SOAK_RATE: String(RATE) };
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1_000;
  const start = () => new SoakBot(`bot-${bots.length + 1}`, env, folder, elapsed);
  const bots: SoakBot[] = [];
  const steady = start();
  bots.push(steady);
  bots.push(start());
  let outages = 0;
  try {
    for (let second = 1; second <= minutes * 60; second++) {
      await eventually('the next second', () => elapsed() >= second || undefined);
      if (!steady.isRunning) throw new Error('the bot that runs all the time has ended');
      if (second % RESTART_S === 0) {
        await bots.at(-1)?.end(bots.length % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        bots.push(start());
      }
      if (second % OUTAGE_EVERY_S === 0) sink.outage = ++outages % 2 === 0 ? 'broken' : 'unavailable';
      if (second % OUTAGE_EVERY_S === OUTAGE_S) sink.outage = undefined;
      if (second % 60 === 0) say(`${second / 60} of ${minutes} minutes, ${total(bots)} records`);
    }
    sink.outage = undefined;
    await bots.at(-1)?.end('SIGTERM');
    // What those left that were killed is adopted and shipped by the one that still runs.
    const samples = [...steady.samples];
    const soFar = bots.map(({ name, written }) => ({ name, written }));
    const lost = (of: readonly Pick<SoakBot, 'name' | 'written'>[]) =>
      of.reduce((sum, { name, written }) => sum + sink.missing(name, written), 0);
    // Where they do not come in time, they are counted as lost.
    await eventually('all records at the sink', () => lost(soFar) === 0 || undefined, CATCH_UP_MS).catch(
      () => undefined,
    );
    await steady.end('SIGTERM');
    const publicKey = join(folder, 'signing.pub');
    await copyFile(join(directory, 'signing.pub'), publicKey);
    const report = {
      minutes,
      flatness: flatness(samples),
      written: total(bots),
      lost: lost(bots),
      restarts: bots.length - 2,
      outages,
      refused: sink.refused,
      retentions: sink.count('audit.retention.applied'),
      verification: await verifyJournal(directory, publicKey),
    };
    return { ...report, problems: problemsOf(report) };
  } finally {
    for (const bot of bots) await bot.end('SIGKILL');
    await sink.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function problemsOf(report: Omit<SoakReport, 'problems'>): string[] {
  const { flatness, lost, written, retentions, refused, verification } = report;
  const growing = flatness.filter(({ isFlat }) => !isFlat).map(({ name }) => `${name} grows`);
  const least = (report.minutes * 60 * RATE * 9) / 10;
  return [
    ...growing,
    ...(lost > 0 ? [`${lost} records did not come to the sink`] : []),
    ...(written < least ? [`only ${written} records were written`] : []),
    ...(retentions === 0 ? ['the limit of the folder was not reached'] : []),
    ...(refused === 0 ? ['no outage was felt'] : []),
    ...(verification.exitCode === 0 ? [] : [`verification ended with ${verification.exitCode}`]),
    ...verification.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
  ];
}

const total = (bots: readonly SoakBot[]) => bots.reduce((sum, { written }) => sum + written, 0);

/** A soak's figures, as a table. */
export function tableOf({ flatness, ...report }: SoakReport): string {
  const cells = (values: readonly (string | number)[]) =>
    values.map((value) => (typeof value === 'number' ? value.toFixed(1) : value).padStart(12)).join('');
  const rows = flatness.map(
    ({ name, unit, first, median, max, growth, allowed, isFlat }) =>
      `${`${name} ${unit}`.padEnd(18)}${cells([first, median, max, growth, allowed, isFlat ? 'flat' : 'GROWS'])}`,
  );
  const { minutes, written, lost, restarts, outages, refused, retentions, verification } = report;
  return [
    `${''.padEnd(18)}${cells(['first', 'median', 'max', 'growth', 'allowed', ''])}`,
    ...rows,
    `${minutes} minutes: ${written} records written, ${lost} lost; ${restarts} restarts, every other one a kill -9; ` +
      `${outages} outages, ${refused} requests refused; pruned ${retentions} times; ` +
      `verify: exit code ${verification.exitCode}, ${verification.records} records left`,
  ].join('\n');
}
