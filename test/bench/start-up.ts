// What the flag adds to the start-up and the resident memory of a bare grammY bot, against the preload that people know.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { makeJournal } from './journal.ts';
import { fixture, REGISTER, runNode } from './process.ts';
import type { Section } from './report.ts';
import { startSink } from './sink.ts';
import { type Spread, showSpread, spread } from './statistics.ts';

const RUNS = 11;
const WAITING = Number(process.env.BENCH_WAITING ?? 1_000_000);
const MIB = 2 ** 20;

interface Contender {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface Figures {
  readonly milliseconds: number[];
  readonly mib: number[];
}

async function measure(contenders: readonly Contender[], settle: number): Promise<Map<Contender, Figures>> {
  const figures = new Map(contenders.map((contender) => [contender, { milliseconds: [], mib: [] } as Figures]));
  for (let run = -1; run < RUNS; run++) {
    for (const [{ flags, env }, { milliseconds, mib }] of figures) {
      const args = [...flags, fixture('bare-bot.mjs')];
      const ran = await runNode(args, { ...env, BENCH_SETTLE_MS: String(settle) });
      if (run < 0) continue;
      milliseconds.push(ran.milliseconds);
      mib.push(JSON.parse(ran.stdout).rss / MIB);
    }
  }
  return figures;
}

const added = (theirs: readonly number[], bare: readonly number[]): Spread =>
  spread(theirs.map((value, index) => value - (bare[index] ?? Number.NaN)));

/**
 * Installs the version of `name` that the tests use in a folder of its own, as its users have it: beside our versions of
 * OpenTelemetry's packages it would load second copies of them, which flatters us.
 *
 * @returns its `register` as a URL.
 */
async function installAlone(name: string, folder: string): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const cwd = join(folder, 'alone');
  await mkdir(cwd);
  await writeFile(join(cwd, 'package.json'), '{"private":true}');
  const wanted = [`${name}@${dependencies[name]}`, `@opentelemetry/api@${dependencies['@opentelemetry/api']}`];
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', ...wanted], { cwd });
  return pathToFileURL(createRequire(join(cwd, 'package.json')).resolve(`${name}/register`)).href;
}

export async function startUp(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const sink = await startSink();
  const ours = ['--import', REGISTER];
  const dir = (name: string) => ({ BOTAUDIT_DIR: join(folder, name), BOTAUDIT_METRICS: 'off' });
  const endpoint = { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: sink.url };
  const otel = await installAlone('@opentelemetry/auto-instrumentations-node', folder);
  const off = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  try {
    const waiting = join(folder, 'waiting');
    await makeJournal(waiting, WAITING);
    const down = {
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: 'http://127.0.0.1:9/v1/audit',
      BOTAUDIT_MAX_BYTES: String(8 * 2 ** 30),
    };
    const bare: Contender = { name: 'no flag', flags: [], env: {} };
    const flag: Contender = { name: 'BotAudit, no endpoint', flags: ours, env: dir('alone') };
    const ships: Contender = { name: 'BotAudit, worker shipping', flags: ours, env: { ...dir('ships'), ...endpoint } };
    const full: Contender = {
      name: `BotAudit, endpoint down, ${WAITING.toLocaleString('en')} records waiting`,
      flags: ours,
      env: { ...dir('waiting'), ...down },
    };
    const theirs: Contender = {
      name: '`@opentelemetry/auto-instrumentations-node/register`, exporters off',
      flags: ['--import', otel],
      env: off,
    };
    const contenders = [bare, flag, ships, full, theirs];
    const started = await measure([bare, flag, ships, theirs], 0);
    const settled = await measure(contenders, 1_500);
    const time = (contender: Contender) =>
      added(started.get(contender)?.milliseconds ?? [], started.get(bare)?.milliseconds ?? []);
    const memory = (contender: Contender) => added(settled.get(contender)?.mib ?? [], settled.get(bare)?.mib ?? []);
    const share = (a: Spread, b: Spread) => a.median / b.median;
    const startShare = share(time(flag), time(theirs));
    const aloneShare = share(memory(flag), memory(theirs));
    const shipsShare = share(memory(ships), memory(theirs));
    const fullShare = share(memory(full), memory(ships));
    return {
      title: 'What the flag adds to a bot',
      method:
        `A bare grammY bot, started ${RUNS} times in each way, taking turns. Start-up is from starting the process to its end, with ` +
        'nothing to do in between; memory is the resident set 1.5 s after the start. Figures are what each adds to the bot without a flag.',
      columns: ['', 'start-up, ms', 'added, ms', 'resident, MiB', 'added, MiB'],
      rows: contenders.map((contender) => [
        contender.name,
        started.has(contender) ? showSpread(spread(started.get(contender)?.milliseconds ?? []), 0) : '–',
        started.has(contender) && contender !== bare ? showSpread(time(contender), 0) : '–',
        showSpread(spread(settled.get(contender)?.mib ?? []), 1),
        contender === bare ? '–' : showSpread(memory(contender), 1),
      ]),
      goals: [
        { promise: 'start-up added ≤ ¼ of theirs', measured: `${startShare.toFixed(2)} ×`, met: startShare <= 0.25 },
        {
          promise: 'memory added without an endpoint ≤ ½ of theirs',
          measured: `${aloneShare.toFixed(2)} ×`,
          met: aloneShare <= 0.5,
        },
        {
          promise: 'memory added with the worker shipping ≤ theirs',
          measured: `${shipsShare.toFixed(2)} ×`,
          met: shipsShare <= 1,
        },
        {
          promise: `memory the same with ${WAITING.toLocaleString('en')} records waiting`,
          measured: `${fullShare.toFixed(2)} × of what it is with none`,
          met: fullShare <= 1.15,
        },
      ],
    };
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
