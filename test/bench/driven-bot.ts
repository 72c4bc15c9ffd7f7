import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TelegramServer } from '../platforms/telegram/index.ts';

/** A bot in a process of its own, in a group where somebody gives it commands, on a platform on this machine. */
export interface DrivenBot {
  /** Where it is; how far away that is can be set. */
  readonly platform: { latencyMs: number };
  /** Gives a command that the bot answers with a message. */
  say(): void;
  /** How many messages it has sent. */
  answers(): number;
  /** Asks its preload over the process's channel; settles with the answer. */
  ask(question: string): Promise<unknown>;
  /** Ends the bot, then the platform. */
  stop(): Promise<void>;
}

/** Starts the bot in `path`, with `flags` of Node.js, and the journal in `directory` where they audit. */
export async function driveBot(path: string, flags: readonly string[], directory: string): Promise<DrivenBot> {
  const telegram = await TelegramServer.start();
  const bot = telegram.addBot({ name: 'Moderator' });
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ members: [alice, bot], owner: alice });
  const child = spawn(process.execPath, [...flags, path], {
    env: {
      PATH: process.env.PATH,
      BOT_TOKEN: bot.token,
      TELEGRAM_API_ROOT: telegram.url,
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return {
    platform: telegram,
    say: () => void alice.says(group, '/rules'),
    answers: () => telegram.log.of('sendMessage').length,
    async ask(question) {
      const answer = once(child, 'message');
      child.send(question);
      return (await answer)[0];
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await telegram.stop();
    },
  };
}
