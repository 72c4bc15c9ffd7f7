import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, CLEAN, linesOf, MAIN, Running } from './support/botaudit.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'botaudit-run-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

function script(name: string, content: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** Where a package of this repository is. */
function folderOf(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

describe('run', () => {
  test('ends as the command ends: its exit code, its signal', async () => {
    expect(await botaudit(['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await botaudit(['run', '--', 'sh', '-c', 'kill -TERM $$'])).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(await botaudit(['run', '--', 'sh', '-c', 'kill -KILL $$'])).toMatchObject({ signal: 'SIGKILL' });
  });

  test('is the command: same process, its own signals, each once', async () => {
    const bot = script(
      'bot.mjs',
      `let seen = 0;
process.on('SIGINT', () => { seen++; setTimeout(() => process.exit(40 + seen), 50); });
setInterval(() => {}, 1000);
console.log(process.pid);`,
    );
    const running = new Running(['run', '--', process.execPath, bot]);
    await running.until(({ stdout }) => stdout.endsWith('\n'));
    expect(running.stdout.trim()).toBe(String(running.child.pid));
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(41);
  });

  test('hands arguments, standard input and the environment on as they are', async () => {
    const args = ['-c', 'cat; printf "%s|" "$@" "$MARK"', 'sh', 'a b', '', '--json', '-f', '--', '*', '"'];
    const { stdout } = await botaudit(['run', 'sh', ...args], { input: 'in ', env: { MARK: 'x y' } });
    expect(stdout).toBe('in a b||--json|-f|--|*|"|x y|');
    expect((await botaudit(['run', '--', 'printf', '%s', '--version'])).stdout).toBe('--version');
  });

  test('sets the preload flag, and keeps what NODE_OPTIONS holds already', async () => {
    const print = ['sh', '-c', 'printf "%s" "$NODE_OPTIONS"'];
    const flag = (await botaudit(['run', '--', ...print])).stdout;
    expect(flag).toMatch(/^--import=file:\/\/\/\S+\/auto\/dist\/register\.js$/);
    const present = '--max-old-space-size=100 --title="a b"';
    const both = await botaudit(['run', '--', ...print], { env: { NODE_OPTIONS: present } });
    expect(both.stdout).toBe(`${present} ${flag}`);
    const twice = await botaudit(['run', '--', process.execPath, MAIN, 'run', '--', ...print]);
    expect(twice.stdout).toBe(flag);
  });

  test('options become the variables that the backend reads', async () => {
    const options = ['--dir', 'data', '--config', 'my.yaml', '--endpoint', 'http://c:4318', '--metrics', 'off'];
    const { stdout } = await botaudit(['run', ...options, '--', 'env'], { cwd: folder });
    expect(linesOf(stdout)).toEqual(
      expect.arrayContaining([
        `BOTAUDIT_DIR=${folder}/data`,
        `BOTAUDIT_CONFIG=${folder}/my.yaml`,
        'OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT=http://c:4318',
        'BOTAUDIT_METRICS=off',
      ]),
    );
    const { stdout: none } = await botaudit(['run', '--', 'env']);
    expect(none).not.toMatch(/^(?:BOTAUDIT|OTEL)_/m);
    expect((await botaudit(['--dir', '/x', 'run', '--', 'env'])).stdout).toContain('BOTAUDIT_DIR=/x\n');
  });

  test('works where it is installed under a path with spaces and quotes', async () => {
    const modules = join(folder, `a "b" c's`, 'node_modules');
    const scope = join(modules, '@botaudit');
    mkdirSync(join(scope, 'auto'), { recursive: true });
    cpSync(join(dirname(MAIN), '..'), join(scope, 'cli'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    const require = createRequire(MAIN);
    symlinkSync(folderOf('@botaudit/record'), join(scope, 'record'));
    symlinkSync(dirname(require.resolve('commander')), join(modules, 'commander'));
    symlinkSync(dirname(dirname(require.resolve('fast-string-width'))), join(modules, 'fast-string-width'));
    const exports = { './register': './register.js' };
    writeFileSync(
      join(scope, 'auto/package.json'),
      JSON.stringify({ name: '@botaudit/auto', type: 'module', exports }),
    );
    writeFileSync(join(scope, 'auto/register.js'), "console.log('registered')");
    const bot = script('my bot.mjs', "console.log('bot')");
    const main = join(scope, 'cli/dist/main.js');
    const running = new Running(['run', '--', process.execPath, bot], { main });
    expect((await running.ended).stdout).toBe('registered\nbot\n');
  });

  test('takes a script without an interpreter line as a shell does', async () => {
    script('tool', 'echo "$1"');
    const env = { PATH: `${folder}:${CLEAN.PATH}` };
    expect((await botaudit(['run', '--', 'tool', 'hello'], { env })).stdout).toBe('hello\n');
    expect((await botaudit(['run', '--', './tool', 'there'], { cwd: folder })).stdout).toBe('there\n');
  });

  test.each([
    ['no-such-command', 127, 'run: no-such-command: command not found'],
    ['./no-such-file', 127, 'run: ./no-such-file: command not found'],
    ['./plain', 126, 'permission denied; it is no executable file'],
    ['./orphan', 126, 'its interpreter /no/such/interpreter does not exist'],
    ['.', 127, 'command not found'],
  ])('%s ends with %i and says why', async (command, code, message) => {
    script('plain', 'text', 0o644);
    script('orphan', '#!/no/such/interpreter\n');
    const result = await botaudit(['run', '--', command], { cwd: folder });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(linesOf(result.stderr)).toHaveLength(1);
  });

  test('without a command it says how to give one', async () => {
    for (const args of [['run'], ['run', '--']]) {
      const { code, stderr } = await botaudit(args);
      expect(code).toBe(2);
      expect(stderr).toBe("botaudit: missing required argument 'command'; see botaudit run --help\n");
    }
  });

  test('what a Node.js program records is in the journal, chained', async () => {
    mkdirSync(join(folder, 'node_modules/@botaudit'), { recursive: true });
    symlinkSync(folderOf('@botaudit/api'), join(folder, 'node_modules/@botaudit/api'));
    const bot = script(
      'bot.mjs',
      `import { record } from '@botaudit/api';
const id = record({ name: 'payment.transfer', action: 'EXECUTE', outcome: 'success', target: { id: 'iban:X' } });
console.log(id);`,
    );
    const { code, stdout } = await botaudit(['run', '--dir', 'audit', '--', process.execPath, bot], { cwd: folder });
    expect(code).toBe(0);
    const found = await botaudit(['search', '--target', 'iban:X', '--json', '--dir', 'audit'], { cwd: folder });
    expect(linesOf(found.stdout)).toHaveLength(1);
    expect(found.stdout).toContain(stdout.trim());
    expect((await botaudit(['verify', 'audit'], { cwd: folder })).stdout).toMatch(
      /consistent \(unsigned\): 1 stream, /,
    );
  });

  test.skipIf(process.platform !== 'linux')('leaves pipes and sockets blocking, as they were', async () => {
    const print = 'for n in 0 1 2; do grep flags /proc/self/fdinfo/$n; done';
    const { stdout: sockets } = await botaudit(['run', '--', 'sh', '-c', print]);
    const pipes = execFileSync('sh', [
      '-c',
      `echo | "${process.execPath}" "${MAIN}" run -- sh -c '${print}' 2>&1 | cat`,
    ]);
    for (const flags of [sockets, pipes.toString()]) {
      const NONBLOCK = 0o4000;
      const values = linesOf(flags).map((line) => Number.parseInt(line.split(/\s+/)[1]!, 8) & NONBLOCK);
      expect(values).toEqual([0, 0, 0]);
    }
  });
});
