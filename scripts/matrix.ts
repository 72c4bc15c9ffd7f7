// Runs the end-to-end tests of bots, each with the oldest and the newest version of its framework, as ES modules and as
// CommonJS, on every Node.js that is to be supported: the oldest one, the newest of each line.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  'slack',
  'slack-failures',
  'slack-transparency',
  'secrets',
  'discord',
  'discord-errors',
  'discord-every',
  'discord-gateway',
  'discord-rest',
  'discord-secrets',
];

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

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const files = TESTS.map((name) => `test/e2e/${name}.test.ts`);
for (const node of [...VERSIONS.map(nodeOf), process.execPath]) {
  console.log(`\nNode.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);
  const { status } = spawnSync(node, [vitest, 'run', '--project', 'e2e', ...files], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
