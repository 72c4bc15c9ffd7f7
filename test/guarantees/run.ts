// Injects every fault of docs/guarantees.md, notes what came of it, and writes the page.
// usage: npm run guarantees [-- --only ID,ID]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHAPTERS } from './chapters.ts';
import { commandOf, type Guarantee, type Result } from './guarantee.ts';
import { guaranteesPage, holds, RESULTS, readResults } from './page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const all = CHAPTERS.flatMap(({ guarantees }) => guarantees);
const chosen = choose(parseArgs({ options: { only: { type: 'string' } } }).values.only);

if (chosen.some(({ proof }) => proof.project === 'stack')) {
  execFileSync(process.execPath, [join(root, 'scripts/stack/install.ts')], { stdio: 'inherit' });
}
const missed: string[] = [];
for (const [index, guarantee] of chosen.entries()) {
  console.log(
    `\n${index + 1} of ${chosen.length}, ${guarantee.id}: ${guarantee.fault}\n$ ${commandOf(guarantee.proof)}`,
  );
  const result = run(guarantee);
  // Read again: another run may have written meanwhile.
  writeFileSync(RESULTS, `${JSON.stringify({ ...readResults(), [guarantee.id]: result }, undefined, 2)}\n`);
  if (!holds(guarantee, result)) missed.push(guarantee.id);
}
writeFileSync(join(root, 'docs/guarantees.md'), guaranteesPage());
console.log(`\n${chosen.length - missed.length} of ${chosen.length} hold; written: docs/guarantees.md`);
if (missed.length > 0) {
  console.error(`Not shown to hold: ${missed.join(', ')}`);
  process.exitCode = 1;
}

function choose(only: string | undefined): readonly Guarantee[] {
  const ids = only?.split(',') ?? all.map(({ id }) => id);
  const unknown = ids.filter((id) => all.every((guarantee) => guarantee.id !== id));
  if (unknown.length > 0) {
    console.error(`--only: no guarantee ${unknown.join(', ')}; there are: ${all.map(({ id }) => id).join(', ')}`);
    process.exit(2);
  }
  return all.filter(({ id }) => ids.includes(id));
}

function run({ proof }: Guarantee): Result {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-guarantees-'));
  try {
    const report = join(folder, 'report.json');
    const figures = join(folder, 'figures.ndjson');
    writeFileSync(figures, '');
    const args = ['run', '--project', proof.project, ...proof.files, ...(proof.only ? ['-t', proof.only] : [])];
    const started = performance.now();
    spawnSync(process.execPath, [vitest, ...args, '--reporter=default', '--reporter=json', `--outputFile=${report}`], {
      cwd: root,
      env: { ...process.env, ...proof.env, BOTAUDIT_FIGURES: figures },
      stdio: 'inherit',
    });
    const seconds = Math.round((performance.now() - started) / 1_000);
    return {
      command: commandOf(proof),
      date: new Date().toISOString().slice(0, 10),
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
      machine: `Node.js ${process.versions.node}, ${process.platform}, ${cpus().length} × ${cpus()[0]?.model.trim()}`,
      ...countsOf(report, proof.only),
      seconds,
      figures: readFileSync(figures, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those that `only` leaves out are told as skipped too, but count for nothing here. */
function countsOf(report: string, only = ''): Pick<Result, 'passed' | 'failed' | 'skipped'> {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    readonly testResults: readonly {
      readonly status: string;
      readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
    }[];
  };
  const chosen = new RegExp(only);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const states = tests.filter(({ fullName }) => chosen.test(fullName)).map(({ status }) => status);
  const count = (state: string) => states.filter((one) => one === state).length;
  // A file that could not be loaded has no tests, and has failed.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return { passed: count('passed'), failed: count('failed') + broken.length, skipped: count('skipped') };
}
