import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { environmentFor, type VariableOptions } from '../environment-for.js';
import { EXIT, Failure } from '../failure.js';

/** Options of `botaudit run`: what each sets in the command's environment. */
export type RunOptions = VariableOptions;

/**
 * Becomes the command: the process image is replaced, so that process id, signals, terminal, exit code, and being
 * process 1 of a container are the command's own, and no second process stays in memory. Does not return.
 *
 * @throws {Failure} when there is no such command, or it can't be executed.
 */
export function run(command: string, args: readonly string[], options: RunOptions): never {
  if (!process.execve) {
    throw new Failure(
      `run is not available on ${process.platform}; set NODE_OPTIONS=${registerOption()} and start the command yourself`,
    );
  }
  const env = audited(environmentFor(options));
  const file = findExecutable(command, env.PATH ?? '');
  const [program, ...argv] = howToExecute(file, [command, ...args]);
  makeBlocking();
  return process.execve(program!, argv, env);
}

/**
 * Node makes the pipes that it was given non-blocking as soon as anything looks at them (loading `node:process` does),
 * and sets that right when it ends; but it does not end here. The command would find its pipes so, and few programs
 * other than Node can handle that.
 */
function makeBlocking(): void {
  for (const stream of [process.stdin, process.stdout, process.stderr]) {
    (stream as { _handle?: { setBlocking?: (blocking: boolean) => void } })._handle?.setBlocking?.(true);
  }
}

/** `env` with the preload flag added; what NODE_OPTIONS holds already stays. */
function audited(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const flag = registerOption();
  const present = env.NODE_OPTIONS?.trim() ?? '';
  return { ...env, NODE_OPTIONS: present.split(' ').includes(flag) ? present : `${present} ${flag}`.trim() };
}

/** A URL, since elsewhere the package's name does not resolve; in a URL spaces and quotes are encoded already. */
function registerOption(): string {
  return `--import=${import.meta.resolve('@botaudit/auto/register')}`;
}

/** What a shell would execute: `command` itself when it is a path, else the first one of that name on the PATH. */
function findExecutable(command: string, path: string): string {
  const candidates = command.includes('/')
    ? [resolve(command)]
    : path.split(delimiter).map((folder) => join(resolve(folder), command));
  let found: string | undefined;
  for (const candidate of candidates) {
    if (!isFile(candidate)) continue;
    found ??= candidate;
    if (isExecutable(candidate)) return candidate;
  }
  if (found === undefined) throw new Failure(`run: ${command}: command not found`, EXIT.notFound);
  throw new Failure(`run: ${found}: permission denied; it is no executable file`, EXIT.notExecutable);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or not to be reached by this user: no candidate.
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not executable for this user.
    return false;
  }
}

/** First bytes of what a kernel executes by itself: ELF, and Mach-O of either byte order, thin and universal. */
const BINARIES = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'];

/**
 * What to execute for `file`, and its arguments, the first of them being the program's name. Node ends with a stack
 * trace when the kernel refuses, so what it would refuse is found out before.
 */
function howToExecute(file: string, argv: readonly string[]): string[] {
  const head = firstBytes(file);
  if (head === undefined || BINARIES.includes(head.toString('hex', 0, 4))) return [file, ...argv];
  if (head.toString('latin1', 0, 2) !== '#!') return ['/bin/sh', 'sh', file, ...argv.slice(1)];
  const interpreter = /^#![ \t]*([^\s]+)/.exec(head.toString())?.[1];
  if (!interpreter || !isFile(interpreter)) {
    throw new Failure(`run: ${file}: its interpreter ${interpreter ?? '(none)'} does not exist`, EXIT.notExecutable);
  }
  return [file, ...argv];
}

/** `undefined` where a file may be executed but not read. */
function firstBytes(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // Executable, not readable: the kernel knows more than we.
    return undefined;
  }
  try {
    const buffer = Buffer.alloc(256);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
