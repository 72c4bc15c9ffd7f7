import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { eventually } from '../support/eventually.ts';

/** How long one block may take, on a machine that is busy. */
const BLOCK_TIMEOUT_MS = 120_000;

/** Reads names of files from descriptor 3, and runs each as if it had been typed. */
const LOOP = 'set -e; while IFS= read -r block <&3; do . "$block"; echo "@@done@@"; done';

/** A shell that somebody types block after block into: variables, functions and the working folder stay. */
export class ShellSession {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<unknown>;
  #output = '';
  #hasEnded = false;
  #count = 0;

  /** @param folder where the blocks are put; exists. */
  constructor(folder: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#child = spawn('sh', ['-c', LOOP], { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#ended = once(this.#child, 'exit').then(() => {
      this.#hasEnded = true;
    });
  }

  /**
   * Runs a block.
   *
   * @returns what it said, on stdout and stderr.
   * @throws when one of its commands fails, which ends the session.
   */
  async run(block: string): Promise<string> {
    const file = join(this.#folder, `block-${++this.#count}`);
    await writeFile(file, block);
    this.#output = '';
    (this.#child.stdio[3] as Writable).write(`${file}\n`);
    await eventually(
      `the end of\n${block}`,
      () => this.#hasEnded || this.#output.includes('@@done@@') || undefined,
      BLOCK_TIMEOUT_MS,
    );
    if (this.#hasEnded) throw new Error(`a command failed of\n${block}\nwhich said\n${this.#output}`);
    return this.#output.replace('@@done@@\n', '');
  }

  /** Ends the shell; what it has left running in the background goes on. */
  async close(): Promise<void> {
    (this.#child.stdio[3] as Writable).end();
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
