// What becomes of records whose call has returned: when the process is killed, when it simply ends, and when the sink is
// away for a minute.
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import type { Section } from '../report.ts';
import { showSpread, spread } from '../statistics.ts';
import { CONTENDERS, type Contender, onDisk } from './contenders.ts';
import { CALLS_IN_A_TICK, RATE } from './job.ts';
import { type Running, Trial } from './running.ts';
import { type CollectingSink, startCollectingSink } from './sink.ts';

const KILLS = Number(process.env.BENCH_KILLS ?? 5);
const EXITS = Number(process.env.BENCH_EXITS ?? 3);
const OUTAGE_SECONDS = Number(process.env.BENCH_OUTAGE_SECONDS ?? 60);
const LOADED_MS = { least: 300, most: 1_500 };
/** How long all have to catch up after the outage; whoever hasn't by then has an orderly end to do so. */
const LEAST_RECOVERY_MS = 15_000;
/** Our shipper tries again after 30 s at the latest. */
const RECOVERY_MS = 45_000;
const ENDING_MS = 15_000;

/** Of each process: records lost for good, and those that are not at the sink, wherever else they are. */
interface Losses {
  readonly written: number[];
  readonly lost: number[];
  readonly notAtSink: number[];
}

const numbersOf = ({ base, returned }: Running) => Array.from({ length: returned }, (_, at) => base + at + 1);

const missing = (run: Running, ...places: readonly Set<number>[]) =>
  numbersOf(run).filter((number) => !places.some((place) => place.has(number))).length;

async function losses(trial: Trial, runs: readonly Running[]): Promise<Losses> {
  const sent = await trial.atSink();
  const kept = await onDisk(trial.contender, trial.folder);
  return {
    written: runs.map(({ returned }) => returned),
    lost: runs.map((run) => missing(run, sent, kept)),
    notAtSink: runs.map((run) => missing(run, sent)),
  };
}

/** The next process of a bot takes over what those before have left: it starts, and is left in peace until that is sent. */
async function next(trial: Trial, runs: readonly Running[]): Promise<void> {
  if (trial.contender.file !== 'journal') return;
  const running = trial.start('load');
  await eventually('its first record', () => running.returned > 0 || undefined);
  running.tell('stop');
  const wanted = runs.flatMap(numbersOf);
  await arrived(trial, wanted, ENDING_MS);
  running.tell('end');
  await running.end(ENDING_MS);
}

/** Waits until all of `wanted` are at the sink, but not for ever: what is missing then is told as missing. */
async function arrived(trial: Trial, wanted: readonly number[], patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const sent = await trial.atSink();
    if (wanted.every((number) => sent.has(number))) return;
    await wait(200);
  }
}

type Results = Map<Contender, Losses>;

/** Has each contender run `times` processes that end in some way, in turns. */
async function processes(
  name: string,
  times: number,
  folder: string,
  sink: CollectingSink,
  run: (trial: Trial) => Promise<Running>,
): Promise<Results> {
  const runs = new Map(CONTENDERS.map((contender) => [new Trial(contender, name, folder, sink), [] as Running[]]));
  for (let round = 0; round < times; round++) for (const [trial, ended] of runs) ended.push(await run(trial));
  const results: Results = new Map();
  for (const [trial, ended] of runs) {
    await next(trial, ended);
    results.set(trial.contender, await losses(trial, ended));
  }
  return results;
}

async function killed(trial: Trial): Promise<Running> {
  const running = trial.start('load');
  await eventually('its first record', () => running.returned > 0 || undefined);
  await wait(randomInt(LOADED_MS.least, LOADED_MS.most));
  await running.kill();
  return running;
}

async function exited(trial: Trial): Promise<Running> {
  const running = trial.start('exit');
  await running.end(ENDING_MS);
  return running;
}

/** All who send do so at the same time, and the sink is away for all of them. */
async function outage(folder: string, sink: CollectingSink): Promise<Results> {
  const senders = CONTENDERS.filter(({ sends }) => sends).map(
    (contender) => new Trial(contender, 'outage', folder, sink),
  );
  const running = new Map(senders.map((trial) => [trial, trial.start('load')]));
  await eventually('records of all', () => [...running.values()].every(({ returned }) => returned > RATE) || undefined);
  await sink.down();
  await wait(OUTAGE_SECONDS * 1_000);
  await sink.up();
  await wait(1_000);
  for (const process of running.values()) process.tell('stop');
  await wait(LEAST_RECOVERY_MS);
  const deadline = performance.now() + RECOVERY_MS - LEAST_RECOVERY_MS;
  const results: Results = new Map();
  for (const [trial, process] of running) {
    if (trial.contender.file === 'journal') await arrived(trial, numbersOf(process), deadline - performance.now());
    process.tell('end');
    await process.end(ENDING_MS);
    results.set(trial.contender, await losses(trial, [process]));
  }
  return results;
}

export async function recordsLost(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const sink = await startCollectingSink();
  try {
    const kill = await processes('kill', KILLS, folder, sink, killed);
    const exit = await processes('exit', EXITS, folder, sink, exited);
    const away = await outage(folder, sink);
    const of = (results: Results, contender: Contender, figure: keyof Losses) => results.get(contender)?.[figure] ?? [];
    const cell = (results: Results, contender: Contender, figure: keyof Losses) => {
      const counts = of(results, contender, figure);
      if (counts.length === 0 || (figure === 'notAtSink' && !contender.sends)) return '–';
      return counts.length === 1 ? String(counts[0]) : showSpread(spread(counts), 0);
    };
    const durable = CONTENDERS.filter(({ key }) => key === 'process' || key === 'power');
    const worst = (results: Results) =>
      Math.max(...durable.flatMap((one) => [...of(results, one, 'lost'), ...of(results, one, 'notAtSink')]));
    const written = (results: Results) => spread([...results.values()].flatMap((one) => one.written));
    const goal = (what: string, results: Results) => ({
      promise: `BotAudit, \`process\` and \`power\`: nothing lost, and nothing missing at the sink, ${what}`,
      measured: `${worst(results)}`,
      met: worst(results) === 0,
    });
    return {
      title: 'Records lost whose call had returned',
      method:
        `Lost is what stands neither on disk, on a whole line, nor at the sink. Killed: ${KILLS} processes of each, in turns, ` +
        `with SIGKILL at a random moment under ${RATE.toLocaleString('en')} records a second ` +
        `(${showSpread(written(kill), 0)} written by each). Ended: ${EXITS} processes of each that make ` +
        `${CALLS_IN_A_TICK.toLocaleString('en')} calls in one tick and have nothing more to do. Outage: all who send have one ` +
        `process each at ${RATE.toLocaleString('en')} records a second, nobody listens at the sink for ${OUTAGE_SECONDS} s ` +
        `(${showSpread(written(away), 0)} written by each), and then there is time to catch up, and an orderly end. What is at the ` +
        'sink is counted, with BotAudit, once the next process has started, which takes over what the killed ones left.',
      columns: [
        '',
        'killed: lost',
        'not at the sink',
        'ended: lost',
        'not at the sink',
        `outage of ${OUTAGE_SECONDS} s: lost`,
        'not at the sink',
      ],
      rows: CONTENDERS.map((contender) => [
        contender.name,
        ...[kill, exit, away].flatMap((results) => [
          cell(results, contender, 'lost'),
          cell(results, contender, 'notAtSink'),
        ]),
      ]),
      goals: [goal('when killed', kill), goal('when ended', exit), goal('after the outage', away)],
    };
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
