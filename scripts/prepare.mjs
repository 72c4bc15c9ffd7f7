// Installs and builds what is missing, so that every command of the project works on a fresh clone. Runs on any Node
// from 20 on, with nothing installed: everything after it runs on the Node that the project itself brings.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');

/** Whether what is installed is older than what the lockfile asks for, or is not there at all. */
function installIsStale() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || !existsSync(join(bin, 'node')) || !existsSync(join(bin, 'turbo'))) return true;
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs;
}

function run(title, command, args) {
  const started = performance.now();
  process.stderr.write(`${title} …\n`);
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      NODE_OPTIONS: '',
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
  });
  if (status === 0) {
    process.stderr.write(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.stderr.write(`${title} failed: ${error?.message ?? `${command} ${args.join(' ')} ended with ${status}`}\n`);
  process.exit(1);
}

if (installIsStale()) run('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']);
run('Building', join(bin, 'turbo'), ['run', 'build', '--output-logs=errors-only']);
