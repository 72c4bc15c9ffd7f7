// Verifying a journal, in full and its chain alone, against the bare parsing and hashing of the same lines.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeJournal } from './journal.ts';
import { fixture, runNode } from './process.ts';
import type { Section } from './report.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const ROUNDS = 5;
const STREAMS = 8;
/** Of each stream: 1 GB in all. */
const RECORDS = 142_000;
const SMALL_RECORDS = RECORDS / 10;

const BOTAUDIT = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

interface Usage {
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly seconds: number;
}

/** Verifies a journal in a process of its own. @throws when it is not found consistent. */
async function verify(directory: string, ...options: string[]): Promise<Usage> {
  const started = performance.now();
  const args = ['--import', fixture('report-usage.mjs'), BOTAUDIT, 'verify', ...options, directory];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const [told, [code]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'close')]);
  if (code !== 0) throw new Error(`botaudit verify ${options.join(' ')} ended with ${code}`);
  return { ...JSON.parse(told), seconds: (performance.now() - started) / 1_000 };
}

/** Processor seconds of bare parsing and hashing, and of hashing alone. */
interface Bare {
  readonly both: number;
  readonly hashing: number;
}

async function bare(directory: string): Promise<Bare> {
  const { stdout } = await runNode([fixture('parse-and-hash.mjs'), directory], {});
  const { lines, ...seconds } = JSON.parse(stdout);
  if (lines < STREAMS * RECORDS) throw new Error(`only ${lines} lines were parsed`);
  return seconds;
}

async function journalOf(folder: string, name: string, records: number): Promise<string> {
  const directory = join(folder, name);
  mkdirSync(directory);
  for (let stream = 0; stream < STREAMS; stream++) await makeJournal(directory, records, { BOTAUDIT_COMPRESS: 'none' });
  return directory;
}

function gigabytesOf(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ndjson'),
  );
  return files.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0) / 1e9;
}

const WAYS = {
  full: ['--jobs', '1'],
  quick: ['--quick', '--jobs', '1'],
  fullByAll: ['--jobs', String(availableParallelism())],
  quickByAll: ['--quick', '--jobs', String(availableParallelism())],
} as const;

export async function verification(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const floors: Bare[] = [];
  const usages = { full: [] as Usage[], quick: [] as Usage[], fullByAll: [] as Usage[], quickByAll: [] as Usage[] };
  const small = { full: [] as Usage[], quick: [] as Usage[], fullByAll: [] as Usage[], quickByAll: [] as Usage[] };
  const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];
  let gigabytes = 0;
  try {
    const large = await journalOf(folder, 'large', RECORDS);
    const tenth = await journalOf(folder, 'small', SMALL_RECORDS);
    gigabytes = gigabytesOf(large);
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(await bare(large));
      for (const way of ways) usages[way].push(await verify(large, ...WAYS[way]));
      for (const way of ways) small[way].push(await verify(tenth, ...WAYS[way]));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const floor = floors.map(({ both }) => both);
  const hashing = floors.map(({ hashing }) => hashing);
  const cpu = (way: keyof typeof WAYS) => usages[way].map(({ cpuSeconds }) => cpuSeconds);
  const elapsed = (way: keyof typeof WAYS) => usages[way].map(({ seconds }) => seconds);
  const resident = (list: readonly Usage[]) => list.map(({ residentMiB }) => residentMiB);
  const row = (name: string, way: keyof typeof WAYS) => [
    name,
    showSpread(spread(cpu(way))),
    showSpread(spread(elapsed(way))),
    `${showSpread(ratios(floor, cpu(way)))} ×`,
    showSpread(spread(resident(usages[way])), 0),
    showSpread(spread(resident(small[way])), 0),
  ];
  const full = ratios(floor, cpu('full'));
  const quick = ratios(floor, cpu('quick'));
  const scaling = ratios(elapsed('full'), elapsed('fullByAll'));
  const cores = availableParallelism();
  const growth = ways.map((way) => ratios(resident(usages[way]), resident(small[way])).median);
  return {
    title: 'Verification',
    method:
      `\`botaudit verify\` of ${gigabytes.toFixed(2)} GB of records in ${STREAMS} streams, not compressed, against bare \`JSON.parse\` and ` +
      `SHA-256 (\`crypto.hash\`) of the very same lines; ${ROUNDS} rounds, taking turns, each in a new process. Processor time is all that ` +
      'the process took, start, reading and collecting garbage included; of the bare ones that of their thread for this alone. No verification can be faster than the bare SHA-256.',
    columns: ['', 'processor s', 'elapsed s', 'speed per core', 'resident MiB', 'resident MiB, a tenth of it'],
    rows: [
      ['bare `JSON.parse` + SHA-256', showSpread(spread(floor)), '', '1', '', ''],
      ['bare SHA-256 alone', showSpread(spread(hashing)), '', `${showSpread(ratios(floor, hashing))} ×`, '', ''],
      row('`verify --jobs 1`', 'full'),
      row('`verify --quick --jobs 1`', 'quick'),
      row(`\`verify\`, ${cores} cores`, 'fullByAll'),
      row(`\`verify --quick\`, ${cores} cores`, 'quickByAll'),
    ],
    goals: [
      { promise: '`verify` on one core ≥ 0.6 × bare', measured: `${showSpread(full)} ×`, met: full.median >= 0.6 },
      {
        promise: '`verify --quick` on one core ≥ 4 × bare',
        measured: `${showSpread(quick)} ×`,
        met: quick.median >= 4,
      },
      {
        promise: `\`verify\` by ${cores} threads ≥ ${(0.65 * cores).toFixed(1)} × as fast as by one`,
        measured: `${showSpread(scaling)} ×`,
        met: scaling.median >= 0.65 * cores,
      },
      {
        promise: 'memory for ten times as many records ≤ 1.5 ×',
        measured: `${growth.map((each) => each.toFixed(2)).join(', ')} ×`,
        met: growth.every((each) => each <= 1.5),
      },
    ],
  };
}
