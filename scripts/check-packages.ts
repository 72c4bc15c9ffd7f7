// Packs every published package as it would be released and checks it: publint (is the manifest right?), attw (do the
// types resolve as the code does?), and that nothing but what users need is in it.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** What a package may hold: built code, its types, its papers. */
const ALLOWED = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  /^CHANGELOG\.md$/,
  /^bin\/botaudit\.js$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/[^.]+(?:\.[a-z-]+)*\.(?:js|d\.ts|json)$/,
];
const FORBIDDEN = /\.(?:test|spec)\.|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/;

interface Packed {
  name: string;
  filename: string;
  files: { path: string }[];
}

async function check(folder: string, out: string): Promise<string[]> {
  const cwd = join(root, 'packages', folder);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', out], { cwd });
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(stdout);
  const packed = Object.values(parsed)[0];
  if (!packed) throw new Error(`npm pack said nothing about ${folder}`);
  const problems = packed.files
    .map(({ path }) => path)
    .filter((path) => FORBIDDEN.test(path) || !ALLOWED.some((allowed) => allowed.test(path)))
    .map((path) => `${path} does not belong in the package`);

  const manifest = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'));
  const { messages } = await publint({ pkgDir: cwd, strict: true });
  problems.push(...messages.map((message) => `publint: ${formatMessage(message, manifest) ?? message.code}`));

  try {
    await run(bin('attw'), [join(out, packed.filename), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'], {
      cwd: root,
    });
  } catch (error) {
    problems.push(`attw: ${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
  return problems;
}

const out = await mkdtemp(join(tmpdir(), 'botaudit-pack-'));
try {
  const folders = (await readdir(join(root, 'packages'))).sort();
  let failed = 0;
  for (const folder of folders) {
    const problems = await check(folder, out);
    console.log(problems.length === 0 ? `ok      ${folder}` : `WRONG   ${folder}`);
    for (const problem of problems) console.log(`        ${problem.replaceAll('\n', '\n        ')}`);
    failed += problems.length === 0 ? 0 : 1;
  }
  console.log(`${folders.length - failed} of ${folders.length} packages fit to be published`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  await rm(out, { recursive: true, force: true });
}
