import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What is recorded of readers where a journal may only be read: not in the home of whoever runs the tests. */
const STATE = mkdtempSync(join(tmpdir(), 'botaudit-state-'));
afterAll(() => rmSync(STATE, { recursive: true, force: true }));

/** Nothing of whoever runs the tests: Node writes no colours where `CI` is set. */
export const CLEAN: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(BOTAUDIT_|OTEL_|NODE_OPTIONS|NO_COLOR|FORCE_COLOR|VITEST|CI$)/.test(name),
    ),
  ),
  XDG_STATE_HOME: STATE,
};

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningOptions extends SpawnOptions {
  /** Standard input. */
  readonly input?: string | Uint8Array;
  /** Which installation; default: the one that was built here. */
  readonly main?: string;
}

/** A running `botaudit`. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], options: RunningOptions = {}) {
    const { input, env, main = MAIN, ...rest } = options;
    this.child = spawn(process.execPath, [main, ...args], { ...rest, env: { ...CLEAN, ...env } });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk));
    // A child that stops reading early is what some tests are about.
    this.child.stdin?.on('error', () => {}).end(input);
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until `condition` holds; fails after ten seconds with what was printed. */
  async until(condition: (running: this) => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!condition(this)) {
      if (performance.now() > deadline) throw new Error(`not so after 10 s: ${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Runs `botaudit` to its end. */
export async function botaudit(args: readonly string[], options?: RunningOptions): Promise<Ended> {
  return await new Running(args, options).ended;
}

/** The lines of an output. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
