// Bundles what the preload flag loads into a few files: a bot starts three times as fast as with the two hundred modules
// that they are made of (docs/performance.md), and the package brings hardly any dependency into its process.
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');
const sdk = dirname(createRequire(import.meta.url).resolve('@botaudit/sdk/package.json'));
const journal = dirname(createRequire(join(sdk, 'package.json')).resolve('@botaudit/journal/package.json'));

for (const path of globSync('**/*.js', { cwd: dist })) rmSync(join(dist, path));

/** What audits a framework, to be loaded with it. */
const frameworks = readdirSync(join(here, 'src/frameworks')).map(
  (file) => `frameworks/${file.slice(0, -'.ts'.length)}`,
);

const shared = {
  absWorkingDir: here,
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.15',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

const { metafile } = await build({
  ...shared,
  entryPoints: {
    index: 'src/index.ts',
    register: 'src/register.ts',
    supported: 'src/supported.ts',
    // What the flag does, to be called by tests with another patience.
    preload: 'src/preload.ts',
    audit: 'src/audit.ts',
    ...Object.fromEntries(frameworks.map((name) => [name, `src/${name}.ts`])),
    // The SDK loads it by its name in package.json, where it is asked for.
    privacy: join(sdk, 'dist/protection/configured-privacy.js'),
    // The SDK starts it by its name, beside the file that the SDK itself is in.
    worker: join(sdk, 'dist/shipper/worker.js'),
  },
  splitting: true,
  chunkNames: 'chunk-[hash]',
  // CommonJS packages within ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});

// The journal's threads, by the names that it starts them by. Each is whole in itself: next to nothing, and no reason to
// cut what every bot loads into more files.
await build({
  ...shared,
  entryPoints: ['sync-worker', 'compress-worker'].map((name) => join(journal, `dist/${name}.js`)),
});

for (const file of globSync('**/*.js', { cwd: dist })) {
  for (const [, beside] of readFileSync(join(dist, file), 'utf8').matchAll(/new URL\("(.+?)", import\.meta\.url\)/g)) {
    if (!existsSync(join(dist, dirname(file), beside))) throw new Error(`${file} starts ${beside}, which is not there`);
  }
}

/** The folder of the installed package that a file is of; `undefined` for our own. */
function packageOf(path) {
  const absolute = resolve(here, path);
  const at = absolute.lastIndexOf('/node_modules/');
  if (at < 0) return undefined;
  const [scopeOrName, name] = absolute.slice(at + '/node_modules/'.length).split('/');
  return join(absolute.slice(0, at), 'node_modules', scopeOrName, scopeOrName.startsWith('@') ? name : '');
}

const folders = new Set(Object.keys(metafile.inputs).map(packageOf));
folders.delete(undefined);
const notices = new Map();
for (const folder of folders) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  notices.set(`${name} ${version}`, `${name} ${version} (${license})\n${text}`);
}
const parts = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
writeFileSync(
  join(dist, 'THIRD-PARTY-LICENSES.txt'),
  `This package holds parts of the following ones.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`,
);
