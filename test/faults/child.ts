import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url));

/** A process that writes audit records under load, and what it has told so far. Whoever starts one ends it. */
export class LoadedProcess {
  /** Ids of the records whose write returned. */
  readonly written: string[] = [];
  /** Its threads that have told something. */
  readonly threads = new Set<string>();
  /** How many writes were refused with `AuditUnavailableError`. */
  refused = 0;
  /** All that it said on stderr. */
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  /** @param shell a shell command that is run before, in the very process, such as `ulimit`. */
  constructor(env: Readonly<Record<string, string>>, cwd: string, shell = ':') {
    this.#child = spawn('/bin/sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, LOAD], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    let pending = '';
    (this.#child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const [thread = '', result = ''] = line.split(' ');
        this.threads.add(thread);
        if (result === 'refused') this.refused++;
        else this.written.push(result);
      }
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Waits until it has told enough.
   *
   * @throws when it ends before.
   */
  async tells(what: string, enough: () => boolean): Promise<void> {
    await eventually(what, () => {
      if (!this.isRunning) throw new Error(`The process has ended: ${this.stderr}`);
      return enough() || undefined;
    });
  }

  /** Ends it; settles when all that it told has been read. Returns the exit code, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    if (this.isRunning) this.#child.kill(signal);
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }
}

/** Starts a process that has ended when the test has. */
export function startLoad(...options: ConstructorParameters<typeof LoadedProcess>): LoadedProcess {
  const started = new LoadedProcess(...options);
  onTestFinished(async () => {
    await started.end('SIGKILL');
  });
  return started;
}
