import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, appendFile, readdir, readFile, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { endsWithUs } from './children.ts';
import { StackError } from './part.ts';

const SHOWN_LINES = 20;

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File to which the command and all it says are appended. */
  readonly log?: string;
  /** Called with each line of stderr. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a command to its end.
 *
 * @returns its stdout.
 * @throws {StackError} when it can't be started or does not end with 0; the message holds the end of what it said.
 */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { cwd, env = process.env, log, onLine } = options;
  const title = `${command} ${args.join(' ')}`;
  if (log) await appendFile(log, `$ ${title}\n`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  endsWithUs(child);
  let stdout = '';
  let stderr = '';
  let pending = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  const end = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
  if (log) await appendFile(log, `${stdout}${stderr}`);
  if (end !== undefined) {
    throw new StackError(`${title}: ${end}\n${lastLines(stderr || stdout)}${log ? `\nAll of it: ${log}` : ''}`);
  }
  return stdout;
}

/** Absolute path of a program on the PATH; `undefined` when there is none that may be executed. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** The folder of an unpacked release, whose `bin` is on the PATH; `undefined` when there is none. */
export async function releaseOnPath(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = await findOnPath(program, env);
  return path && dirname(dirname(await realpath(path)));
}

/** Whether there is a file at `path` that may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Whether there is a folder at `path` that may be read. */
export async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

/** The end of a log file, for an error message. */
export async function tailOf(path: string): Promise<string> {
  return lastLines(await readFile(path, 'utf8').catch(() => '(it wrote no log)'));
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}
