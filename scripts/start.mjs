// `npm start`: installs and builds what is missing, then audits the sample bot, or with `-- path/to/bot.js` your own.
// Runs on any Node from 20 on, with nothing installed; what it starts runs on the Node that the project brings.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const USAGE = `Usage: npm start                          audit the sample bot in a group chat that is played for it
       npm start -- --stay                the same, and let the bot run on until Ctrl-C
       npm start -- path/to/bot.js [args]  audit your own bot
`;

const { INIT_CWD = process.cwd() } = process.env;
const [file, ...args] = process.argv.slice(2);
if (file === '--help' || file === '-h') {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (file !== undefined && file !== '--stay') {
  const path = resolve(INIT_CWD, file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    process.stderr.write(`npm start: ${path} is no file\n${USAGE}`);
    process.exit(1);
  }
}

await import('./prepare.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
const node = join(root, 'node_modules', '.bin', 'node');
const demo = join(root, 'scripts', 'demo', 'run.ts');
const child = spawn(node, [demo, ...(file === undefined ? [] : [file, ...args])], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal sends Ctrl-C to the child as well: it decides what becomes of it, and is not sent it twice.
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => {
  process.stderr.write(`npm start: ${error.message}\n`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
