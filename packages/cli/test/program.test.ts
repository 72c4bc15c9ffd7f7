import { openSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildProgram, type Command } from '../src/program.js';
import { botaudit, linesOf, Running } from './support/botaudit.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const COMMANDS = [
  'run',
  'tail',
  'show',
  'search',
  'verify',
  'decrypt',
  'doctor',
  'ship',
  'archive',
  'index',
  'policy',
  'keys',
  'completion',
];

/** Every command, each behind those that it is below. */
function pathsBelow(command: Command): Command[][] {
  return command.commands.flatMap((child) => [[child], ...pathsBelow(child).map((path) => [child, ...path])]);
}

describe('botaudit', () => {
  test('--version and --help go to standard output, exit 0', async () => {
    expect(await botaudit(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
    const help = await botaudit(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^  ${command} +\\S`, 'm'));
    expect(help.stdout).toContain('Exit codes:');
  });

  test('every command has help with examples, and every option says what it does', async () => {
    expect(buildProgram().commands.map((command) => command.name())).toEqual(COMMANDS);
    for (const path of pathsBelow(buildProgram())) {
      for (const option of path.at(-1)?.options ?? []) expect(option.description, option.flags).not.toBe('');
      const names = path.map((command) => command.name());
      const { code, stdout, stderr } = await botaudit([...names, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: botaudit ${names.join(' ')}`);
      expect(stdout).toMatch(/\nExamples:\n {2}# .+\n {2}.*botaudit /);
    }
  });

  test('wrong usage ends with 2 and one line that says where to read what is right', async () => {
    for (const [args, message] of [
      [['tial'], "unknown command 'tial' (Did you mean tail?); see botaudit --help"],
      [['tail', '--folow'], "unknown option '--folow' (Did you mean --follow?); see botaudit tail --help"],
      [['tail', '-n', 'many'], /-n, --lines <count>.*Allowed is a whole number from 0 on; see botaudit tail --help/],
      [['show'], "missing required argument 'id'; see botaudit show --help"],
      [['policy', 'chek'], "unknown command 'chek' (Did you mean check?); see botaudit policy --help"],
      [['policy', 'explain'], "missing required argument 'event'; see botaudit policy explain --help"],
      [['completion', 'csh'], /Allowed choices are bash, zsh, fish; see botaudit completion --help/],
    ] as const) {
      const { code, stdout, stderr } = await botaudit(args);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(linesOf(stderr)).toHaveLength(1);
      if (typeof message === 'string') expect(stderr).toBe(`botaudit: ${message}\n`);
      else expect(stderr).toMatch(message);
    }
  });

  test('without a command it shows the help as an error', async () => {
    const { code, stdout, stderr } = await botaudit([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: botaudit');
    expect(await botaudit(['policy'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Usage: botaudit policy'),
    });
  });

  test('a reader of the help that goes away is no error', async () => {
    const running = new Running(['--help']);
    running.child.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('the stack trace of an error is shown on request alone', async () => {
    const args = ['tail', '--dir', '/nowhere'];
    expect((await botaudit(args)).stderr).not.toMatch(/^\s+at /m);
    expect((await botaudit(args, { env: { NODE_DEBUG: 'botaudit' } })).stderr).toMatch(/^\s+at /m);
  });

  test.skipIf(process.platform !== 'linux')('output that can not be written is an error, in one line', async () => {
    const { code, stderr } = await botaudit(['--help'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    expect(code).toBe(2);
    expect(stderr).toBe('botaudit: ENOSPC: no space left on device, write\n');
  });
});
