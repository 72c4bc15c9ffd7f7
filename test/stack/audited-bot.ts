import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Group } from './group.ts';

/** The preload flag as an absolute address: the bot is not of this package. */
const REGISTER = import.meta.resolve('@botaudit/auto/register');

const BOT = fileURLToPath(new URL('../../examples/moderation-bot/bot.js', import.meta.url));

/** The sample bot in a process of its own, under the preload flag. */
export class AuditedBot {
  /** All that it said on stderr. */
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Starts it in a group, and waits until it listens there; it has ended when the test has. */
  static async start(group: Group, cwd: string, env: Readonly<Record<string, string>>): Promise<AuditedBot> {
    const child = spawn(process.execPath, ['--import', REGISTER, BOT], {
      cwd,
      env: {
        PATH: process.env.PATH,
        BOT_TOKEN: group.bot.token,
        TELEGRAM_API_ROOT: group.telegram.url,
        BOTAUDIT_METRICS: 'off',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const bot = new AuditedBot(child);
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await bot.#closed;
    });
    await Promise.race([
      group.telegram.awaitPolling(group.bot),
      bot.#closed.then(() => Promise.reject(new Error(`The bot has ended: ${bot.stderr}`))),
    ]);
    return bot;
  }

  /** Ends it as a crash of the machine would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /** Asks it to end, as an operator does. Returns its exit code, or the signal that ended it. */
  async stop(): Promise<number | string | null> {
    this.#child.kill('SIGTERM');
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }
}
