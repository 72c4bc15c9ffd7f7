import { spawnSync } from 'node:child_process';

/** Whether a command can be given a terminal of its own: util-linux's `script` does that. */
export const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** For the end of the name of what is skipped without one. */
export const terminalOnly = hasTerminal ? '' : ' (skipped: it takes `script` of util-linux)';

/**
 * Runs a command to its end on a terminal of its own.
 *
 * @param columns how wide the terminal is.
 * @param env all that the command sees, beside the kind of terminal.
 * @returns all that it wrote there.
 */
export function onTerminal(columns: number, command: readonly string[], env: NodeJS.ProcessEnv): string {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const { stdout } = spawnSync('script', ['-qec', `stty cols ${columns} rows 24; ${quoted}`, '/dev/null'], {
    encoding: 'utf8',
    input: '',
    env: { ...env, TERM: 'xterm-256color' },
  });
  return stdout.replaceAll('\r\n', '\n');
}
