import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a bot tells of itself. */
export interface BotTells {
  /** Number of the last record whose write returned. */
  readonly written: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes. */
  readonly heapUsed: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** A sample of a bot. */
export interface Sample extends BotTells {
  /** Seconds since the soak began. */
  readonly at: number;
}

/** A running bot. */
export class SoakBot {
  readonly name: string;
  readonly samples: Sample[] = [];
  readonly #child: ChildProcess;

  constructor(name: string, env: NodeJS.ProcessEnv, cwd: string, elapsed: () => number) {
    this.name = name;
    this.#child = fork(fileURLToPath(new URL('bot.ts', import.meta.url)), {
      cwd,
      env: { PATH: process.env.PATH, ...env, SOAK_BOT: name },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (tells: BotTells) => this.samples.push({ ...tells, at: elapsed() }));
  }

  /** Number of the last record of which it told. */
  get written(): number {
    return this.samples.at(-1)?.written ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    await closed;
  }
}
