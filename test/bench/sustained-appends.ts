// Records per second that the journal takes for longer than a burst, alone and with the worker shipping, against the floor:
// a bare write of the same lines.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Appended } from './appender.ts';
import { runNode } from './process.ts';
import type { Section } from './report.ts';
import { startSink } from './sink.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const ROUNDS = 5;
const RECORDS = 200_000;
const APPENDER = fileURLToPath(new URL('appender.ts', import.meta.url));

async function append(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Appended> {
  const { stdout } = await runNode([APPENDER, ...args], {
    BOTAUDIT_METRICS: 'off',
    BOTAUDIT_MAX_BYTES: '8 GiB',
    ...env,
  });
  return JSON.parse(stdout) as Appended;
}

/** Lines as the backend writes them, for the floor. */
async function lines(folder: string): Promise<string> {
  const directory = join(folder, 'lines');
  mkdirSync(directory);
  await append([directory, '1000'], { BOTAUDIT_DURABILITY: 'process' });
  const stream = join(directory, 'streams', readdirSync(join(directory, 'streams'))[0] ?? '');
  const segment = readdirSync(stream).find((name) => /^\d+\.ndjson$/.test(name)) ?? '';
  return readFileSync(join(stream, segment), 'utf8');
}

export async function sustainedAppends(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const sink = await startSink();
  const rates = { floor: [], process: [], power: [], shipping: [], acknowledged: [] } as Record<string, number[]>;
  let missing = 0;
  try {
    const floorLines = await lines(folder);
    const backend = async (name: string, env: NodeJS.ProcessEnv) => {
      const directory = join(folder, name);
      mkdirSync(directory);
      const took = await append([directory, String(RECORDS)], env);
      rmSync(directory, { recursive: true });
      return took;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const file = join(folder, 'floor');
      writeFileSync(`${file}.lines`, floorLines);
      rates.floor?.push(RECORDS / (await append(['--floor', file, String(RECORDS)], {})).appended);
      rmSync(file);
      for (const durability of ['process', 'power']) {
        const { appended } = await backend(durability, { BOTAUDIT_DURABILITY: durability });
        rates[durability]?.push(RECORDS / appended);
      }
      const { appended, acknowledged } = await backend('shipping', {
        BOTAUDIT_DURABILITY: 'process',
        OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: sink.url,
        BOTAUDIT_EXIT_TIMEOUT_MS: '60000',
      });
      rates.shipping?.push(RECORDS / appended);
      rates.acknowledged?.push(RECORDS / acknowledged);
      missing += Math.max(0, RECORDS - (await sink.received()));
    }
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (name: string) => rates[name] ?? [];
  const row = (label: string, name: string) => [
    label,
    showSpread(spread(of(name)), 0),
    name === 'floor' ? '1' : showSpread(ratios(of(name), of('floor'))),
  ];
  const shown = (name: string) =>
    `${showSpread(spread(of(name)), 0)}/s, of a floor of ${showSpread(spread(of('floor')), 0)}/s`;
  return {
    title: 'Sustained appends',
    method:
      `${RECORDS.toLocaleString('en')} records of twelve attributes in a row, ${ROUNDS} rounds, each in a new process, in turns. ` +
      'The floor is a bare `writeSync` of the same lines, which makes nothing, chains nothing and checks nothing. With ' +
      'shipping, the worker sends to a sink in another process meanwhile; the last row is until the sink has acknowledged ' +
      `all of them (missing there: ${missing}).`,
    columns: ['', 'records/s', 'of the floor'],
    rows: [
      row('floor, bare `writeSync` of the same lines', 'floor'),
      row('BotAudit, durability `process`', 'process'),
      row('BotAudit, durability `power`', 'power'),
      row('BotAudit, `process`, while shipping', 'shipping'),
      row('BotAudit, `process`, until all are acknowledged', 'acknowledged'),
    ],
    goals: [
      { promise: 'appends ≥ 50,000/s', measured: shown('process'), met: spread(of('process')).median >= 50_000 },
      {
        promise: 'appends with shipping ≥ 20,000/s, acknowledged',
        measured: `${shown('acknowledged')}, ${missing} missing at the sink`,
        met: spread(of('acknowledged')).median >= 20_000 && missing === 0,
      },
    ],
  };
}
