// Runs the end-to-end tests of bots, each with the oldest and the newest version of its framework, as ES modules and as
// CommonJS, on every Node.js that is to be supported: the oldest one, the newest of each line. Says at the end what was
// sent and what was recorded, and fails where a test did, a call has no record, or a part of the matrix was not run.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures } from '../test/e2e/support/figures.ts';
import { cacheDirectory } from './stack/cache.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Beside these the project's own, of line 24. */
const VERSIONS = ['22.15.1', '22.23.3'];
const TESTS = [
  'module-systems',
  'errors',
  'every-method',
  'every-update',
  'webhook',
  'plugins',
  'telegraf',
  'mcp',
  'mcp-limits',
  'mcp-tracing',
  'slack',
  'slack-failures',
  'slack-receivers',
  'slack-transparency',
  'fail-closed',
  'secrets',
  'discord',
  'discord-errors',
  'discord-every',
  'discord-gateway',
  'discord-rest',
  'discord-secrets',
];

/** Each has to be there with two versions, as ES module and as CommonJS, on every Node.js. */
const FRAMEWORKS = ['grammy', 'telegraf', 'discord.js', 'slack-bolt', 'mcp'];

/** A Node.js of this version, as npm brings it for this machine. */
function nodeOf(version: string): string {
  const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
  const folder = join(cacheDirectory(process.env), 'node', version);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return node;
}

/** Runs all tests on every Node.js. @returns what each comparison came to. */
function runAll(nodes: readonly string[]): Figures[] {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-matrix-'));
  const figures = join(folder, 'figures.ndjson');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const files = TESTS.map((name) => `test/e2e/${name}.test.ts`);
  try {
    for (const node of nodes) {
      console.log(`\nNode.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);
      const { status } = spawnSync(node, [vitest, 'run', '--project', 'e2e', ...files], {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, BOTAUDIT_MATRIX_FIGURES: figures },
      });
      if (status !== 0) process.exitCode = 1;
    }
    const lines = existsSync(figures) ? readFileSync(figures, 'utf8').trimEnd().split('\n') : [];
    return lines.map((line) => JSON.parse(line) as Figures);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const collator = new Intl.Collator('en', { numeric: true });
const sum = (group: readonly Figures[], of: 'sent' | 'recorded' | 'complete'): number =>
  group.reduce((total, one) => total + one[of], 0);

/** One row for each part of the matrix, in order. */
function rowsOf(figures: readonly Figures[]): string[][] {
  const parts = Map.groupBy(figures, ({ framework, version, system, node }) =>
    [framework, version, system, node].join(' '),
  );
  return [...parts]
    .toSorted(([left], [right]) => collator.compare(left, right))
    .map(([part, group]) => {
      const totals = (['sent', 'recorded', 'complete'] as const).map((of) => sum(group, of));
      const isWhole = new Set(totals).size === 1;
      if (!isWhole) process.exitCode = 1;
      return [...part.split(' '), group.length, ...totals, isWhole ? 'yes' : 'NO'].map(String);
    });
}

/** What was to be run, and was not. */
function missing(figures: readonly Figures[], nodes: number): string[] {
  return FRAMEWORKS.flatMap((framework) =>
    ['ESM', 'CJS'].flatMap((system) => {
      const ran = figures.filter((one) => one.framework === framework && one.system === system);
      const parts = new Set(ran.map(({ version, node }) => `${version} ${node}`)).size;
      return parts >= nodes * 2 ? [] : [`${framework} as ${system}: ${parts} of ${nodes * 2} parts were run`];
    }),
  );
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

const nodes = [...VERSIONS.map(nodeOf), process.execPath];
const figures = runAll(nodes);
console.log('');
print([
  ['framework', 'version', 'system', 'Node.js', 'bots', 'sent', 'recorded', 'complete', 'whole'],
  ...rowsOf(figures),
]);
console.log(
  `\n${figures.length} bots, ${sum(figures, 'sent')} calls sent, ${sum(figures, 'recorded')} recorded, ` +
    `${sum(figures, 'complete')} complete`,
);
for (const part of missing(figures, nodes.length)) {
  console.error(part);
  process.exitCode = 1;
}
