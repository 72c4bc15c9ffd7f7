import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { endsWithUs } from './children.ts';
import { tailOf } from './command.ts';
import { StackError } from './part.ts';

const READY_POLL_MS = 50;

/** How a service is run. */
export interface ServiceOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** File to which all that it says is appended. */
  readonly log: string;
  /** Whether it serves by now; a rejection counts as no. */
  readonly ready: () => Promise<boolean>;
  /** How long it may take to serve, in milliseconds. */
  readonly readyTimeoutMs: number;
}

/** A process of the stack that runs until it is stopped. */
export class Service {
  readonly pid: number;
  /** Settles when the process has ended, with how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    endsWithUs(child);
    this.ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @throws {StackError} when it can't be started, ends, or is not ready in time; nothing is left running.
   */
  static async start(options: ServiceOptions): Promise<Service> {
    const { command, args, env, cwd, log, ready, readyTimeoutMs } = options;
    const output = openSync(log, 'a', 0o600);
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', output, output] });
    closeSync(output);
    const { pid } = child;
    if (pid === undefined) {
      const reason = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new StackError(`${command} can't be started: ${reason.message}`);
    }
    const service = new Service(child, pid);
    const deadline = performance.now() + readyTimeoutMs;
    while (!(await ready().catch(() => false))) {
      const ended = await Promise.race([service.ended, wait(READY_POLL_MS)]);
      if (ended === undefined && performance.now() < deadline) continue;
      await service.kill();
      const how = ended === undefined ? `is not ready after ${readyTimeoutMs / 1000} s` : `has ended: ${ended}`;
      throw new StackError(`${command} ${how}. The end of its log:\n${await tailOf(log)}`);
    }
    return service;
  }

  /** Asks it to end, and ends it by force after `graceMs`. */
  async stop(graceMs = 15_000): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
