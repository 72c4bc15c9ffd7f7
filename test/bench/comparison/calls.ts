import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Section } from '../report.ts';
import { ratios, showSpread, spread } from '../statistics.ts';
import { CONTENDERS, onDisk } from './contenders.ts';
import { CALLS, type Speed } from './job.ts';
import { Trial } from './running.ts';
import { startCollectingSink } from './sink.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const PATIENCE_MS = 30_000;

interface Figures {
  readonly speeds: Speed[];
  readonly lost: number[];
}

/** As many calls as each can take, one process after the other. */
export async function calls(): Promise<Section> {
  const figures = new Map(CONTENDERS.map(({ key }) => [key, { speeds: [], lost: [] } as Figures]));
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const sink = await startCollectingSink();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      // Who goes first alternates, so that a drift of the machine favours nobody.
      for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
        const trial = new Trial(contender, `calls-${round}`, folder, sink);
        const running = trial.start('speed');
        const { speeds, lost } = figures.get(contender.key) as Figures;
        speeds.push(JSON.parse(await running.end(PATIENCE_MS)));
        const kept = new Set([...(await onDisk(contender, trial.folder)), ...(await trial.atSink())]);
        lost.push(CALLS.warmUp + CALLS.timed - kept.size);
        rmSync(trial.folder, { recursive: true });
      }
    }
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (key: string, figure: keyof Speed) => figures.get(key)?.speeds.map((speed) => speed[figure]) ?? [];
  const against = (key: string, figure: keyof Speed) =>
    key === 'process' ? '1' : `${showSpread(ratios(of(key, figure), of('process', figure)))} ×`;
  const power = ratios(of('power', 'p99'), of('process', 'p99'));
  const lost = (key: string) => figures.get(key)?.lost ?? [];
  const ours = CONTENDERS.filter(({ file }) => file === 'journal').flatMap(({ key }) => lost(key));
  return {
    title: 'Calls, as fast as they go',
    method:
      `${ROUNDS} rounds, each contender in turn in a new process, ${CALLS.timed.toLocaleString('en')} calls after ` +
      `${CALLS.warmUp.toLocaleString('en')} that warm up and a second of rest, 20 in each turn of the event loop, with the ` +
      'same record of twelve attributes; who ships does so meanwhile, to the same sink on this machine, which shares the ' +
      'processors with them. Lost is what stands neither on disk nor at the sink after ' +
      'the orderly end that each has: a call that only queues is fast, and where the queue overflows it is fastest. Ratios ' +
      'are to BotAudit with durability `process`, of the same round.',
    columns: ['', 'calls/s', 'p50 µs', 'p99 µs', 'p99.9 µs', 'calls/s, ratio', 'p50, ratio', 'p99, ratio', 'lost, %'],
    rows: CONTENDERS.map(({ key, name }) => [
      name,
      showSpread(spread(of(key, 'callsPerSecond')), 0),
      showSpread(spread(of(key, 'p50')), 1),
      showSpread(spread(of(key, 'p99')), 1),
      showSpread(spread(of(key, 'p999')), 0),
      against(key, 'callsPerSecond'),
      against(key, 'p50'),
      against(key, 'p99'),
      showSpread(spread(lost(key).map((count) => (count / (CALLS.warmUp + CALLS.timed)) * 100)), 1),
    ]),
    goals: [
      {
        promise: 'BotAudit loses nothing at full speed, with any durability',
        measured: `${Math.max(...ours)} lost`,
        met: Math.max(...ours) === 0,
      },
      {
        promise: 'durability `power` adds nothing to the p99 of a call (≤ 1.1 × that of `process`)',
        measured: `${showSpread(power)} ×`,
        met: power.median <= 1.1,
      },
    ],
  };
}
