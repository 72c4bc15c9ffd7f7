import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterwards } from './sample.js';

/** A script of `fixtures/` in a process of its own; it is killed when the test is over. */
export class Child {
  readonly process: ChildProcess;
  /** Lines of its standard output so far. */
  readonly lines: string[] = [];
  stderr = '';
  readonly #ended: Promise<unknown>;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.process = child;
    this.#ended = once(child, 'close');
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      for (const { count, resolve } of this.#waiting) if (this.lines.length >= count) resolve();
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // A child that is gone takes no more input.
    child.stdin!.on('error', () => {});
    afterwards(() => child.kill('SIGKILL'));
  }

  static node(fixture: string, args: readonly string[], options?: SpawnOptions): Child {
    return new Child(process.execPath, [fixturePath(fixture), ...args], options);
  }

  /** Waits until it has printed `count` lines; rejects when it ends before. */
  async printed(count: number): Promise<void> {
    if (this.lines.length >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ count, resolve });
    await Promise.race([promise, this.#ended]);
    if (this.lines.length < count) throw new Error(`Ended after ${this.lines.length} lines: ${this.stderr}`);
  }

  /** Kills it and waits until it is gone and all that it printed is here. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.#ended;
  }

  /** Waits for its end. */
  async end(): Promise<number | null> {
    await this.#ended;
    return this.process.exitCode;
  }
}

export function fixturePath(fixture: string): string {
  return join(import.meta.dirname, 'fixtures', fixture);
}

export const isRoot = process.getuid?.() === 0;

/** For the name of a test that is skipped where it is not root who runs it. */
export const rootOnly = isRoot ? '' : ' (skipped: takes root)';

/** Whether `command` can be run here and says yes. */
export function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Whether a disk can be mounted here, and what the name of a test says where it can't. */
export const canMount = isRoot && succeeds('unshare', ['--mount', 'true']);
export const mountOnly = canMount ? '' : ' (skipped: mounting a disk takes root)';

/** Whether processes can have process ids of their own here, and what the name of a test says where they can't. */
export const canUnshare = isRoot && succeeds('unshare', ['--pid', '--fork', 'true']);
export const unshareOnly = canUnshare ? '' : ' (skipped: namespaces take root)';
