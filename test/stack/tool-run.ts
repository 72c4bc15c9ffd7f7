import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';

const script = (name: string) => fileURLToPath(new URL(`../../scripts/stack/${name}.ts`, import.meta.url));

/** How the tool ended. */
export interface ToolEnd {
  /** Exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run stack` or `npm run stack:install` runs, in a process of its own that ends with the test. */
export class ToolRun {
  stdout = '';
  stderr = '';
  readonly ended: Promise<ToolEnd>;
  readonly #child: ChildProcess;

  /** @param env is added to this process' own, where nothing says how the output should look. */
  constructor(name: 'run' | 'install', args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { NO_COLOR, FORCE_COLOR, ...own } = process.env;
    this.#child = spawn(process.execPath, [script(name), ...args], {
      env: { ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({
      code: (signal ?? code) as ToolEnd['code'],
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    onTestFinished(async () => {
      // It has ended already, or a test has failed: then what it runs must end with it.
      this.#child.kill('SIGTERM');
      await this.ended;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Waits until a process is gone. One that has ended and that nobody has asked about counts as gone. */
export async function gone(pid: number): Promise<void> {
  await eventually(`the end of process ${pid}`, () => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return /^\s*(Z|$)/.test(stdout) || undefined;
  });
}

/** The number that a program has written to a file, which may not be there yet. */
export async function writtenPid(file: string): Promise<number> {
  const text = await eventually(file, async () => (await readFile(file, 'utf8').catch(() => '')).trim() || undefined);
  return Number(text);
}
