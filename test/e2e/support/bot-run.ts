import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { BotAccount, TelegramServer } from '../../platforms/telegram/index.ts';
import { look } from '../../support/planted/planted.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { noteStarted } from './figures.ts';

/** The preload flag, as a URL that resolves from anywhere. */
export const REGISTER = import.meta.resolve('@botaudit/auto/register');

/** A bot file of these tests. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export interface BotRunOptions {
  readonly telegram?: TelegramServer;
  readonly bot?: BotAccount;
  /** Options of Node before the bot's file. Default: the preload flag. */
  readonly nodeOptions?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Default: a folder of its own, which is removed. */
  readonly cwd?: string;
  /** Where the journal goes. Default: `journal` in the working folder. */
  readonly directory?: string;
  /** A command that is to run Node, such as `setpriv` with its options. */
  readonly through?: readonly string[];
  /** Whether the test may send messages to the process and get some. */
  readonly ipc?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A bot in a process of its own, ended at the latest with the test. */
export class BotRun {
  readonly child: ChildProcess;
  /** The journal's folder. */
  readonly directory: string;
  readonly cwd: string;
  stdout = '';
  stderr = '';
  /** Settles when the process has ended and all that it said was read. */
  readonly exited: Promise<Exit>;

  private constructor(child: ChildProcess, directory: string, cwd: string) {
    this.child = child;
    this.directory = directory;
    this.cwd = cwd;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = once(child, 'close').then(([code, signal]) => {
      for (const [name, text] of Object.entries({ stdout: this.stdout, stderr: this.stderr })) {
        // What the bot itself prints, its errors with all that hangs on them, is its own affair.
        look(
          name,
          text
            .split('\n')
            .filter((line) => /botaudit/i.test(line))
            .join('\n'),
        );
      }
      return { code, signal };
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.exited;
    });
  }

  /** Starts a bot's file. Its environment holds nothing but what is named here. */
  static async start(file: string, options: BotRunOptions = {}): Promise<BotRun> {
    const { telegram, bot, nodeOptions = ['--import', REGISTER], args = [], env = {}, through = [] } = options;
    noteStarted(file);
    const cwd = options.cwd ?? (await temporaryFolder());
    const directory = options.directory ?? join(cwd, 'journal');
    const [command = '', ...rest] = [...through, process.execPath, ...nodeOptions, file, ...args];
    const child = spawn(command, rest, {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: cwd,
        BOTAUDIT_DIR: directory,
        BOTAUDIT_METRICS: 'off',
        ...(bot && { BOT_TOKEN: bot.token }),
        ...(telegram && { TELEGRAM_API_ROOT: telegram.url }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
    });
    return new BotRun(child, directory, cwd);
  }

  /** Ends the process with a signal and waits for its end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }

  /**
   * Waits for what is to happen, and fails at once with what the bot said when it ends before.
   *
   * @throws {Error} when the process ends first, or `happening` fails.
   */
  async while<T>(happening: Promise<T>): Promise<T> {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`The bot ended with ${code ?? signal}:\n${this.stdout}${this.stderr}`);
    });
    ended.catch(() => undefined);
    return Promise.race([happening, ended]).catch((error: unknown) => {
      if (error instanceof Error && !error.message.startsWith('The bot ended')) error.message += `\n${this.stderr}`;
      throw error;
    });
  }
}

/** Runs a bot's file to its natural end. */
export async function runToEnd(file: string, options: BotRunOptions = {}): Promise<BotRun & { exit: Exit }> {
  const run = await BotRun.start(file, options);
  return Object.assign(run, { exit: await run.exited });
}
