import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders.ts';
import type { Job, Order } from './job.ts';
import type { CollectingSink } from './sink.ts';

const FILE = fileURLToPath(new URL('contender.ts', import.meta.url));

/** Where a contender's records of several processes go, and what came of them. */
export class Trial {
  readonly contender: Contender;
  readonly folder: string;
  readonly #sink: CollectingSink;
  readonly #key: string;
  #runs = 0;

  /** @param name tells this trial from the contender's others. */
  constructor(contender: Contender, name: string, parent: string, sink: CollectingSink) {
    this.contender = contender;
    this.folder = join(parent, `${name}-${contender.key}`);
    this.#key = `${name}-${contender.key}`;
    this.#sink = sink;
    mkdirSync(this.folder);
  }

  /** Starts a process of the contender; its records have numbers that no other process of the trial has. */
  start(task: Job['task']): Running {
    const base = ++this.#runs * 1_000_000;
    const counter = join(this.folder, `returned-${base}`);
    const { key: contender } = this.contender;
    return new Running({ contender, task, folder: this.folder, sink: this.#sink.url(this.#key), base, counter });
  }

  atSink(): Promise<Set<number>> {
    return this.#sink.records(this.#key);
  }
}

/** A process of a contender. */
export class Running {
  readonly base: number;
  readonly #counter: string;
  readonly #child: ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;
  readonly #closed: Promise<unknown>;

  constructor(job: Job) {
    this.base = job.base;
    this.#counter = job.counter;
    this.#child = fork(FILE, [JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production' },
    });
    this.#closed = once(this.#child, 'close');
    this.#stdout = text(this.#child.stdout as Readable);
    this.#stderr = text(this.#child.stderr as Readable);
  }

  /** How many calls have returned; it can be asked when the process is dead, too. */
  get returned(): number {
    try {
      const bytes = readFileSync(this.#counter);
      return bytes.length < 8 ? 0 : bytes.readDoubleLE();
    } catch {
      // It has not come so far.
      return 0;
    }
  }

  tell(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** Waits for its end, with a kill after `patienceMs`. Returns what it said. */
  async end(patienceMs: number): Promise<string> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#closed;
    clearTimeout(timer);
    const { exitCode } = this.#child;
    if (exitCode) throw new Error(`A contender ended with ${exitCode}:\n${await this.#stderr}`);
    return this.#stdout;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
