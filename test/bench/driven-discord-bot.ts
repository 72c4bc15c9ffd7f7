import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DiscordServer } from '../platforms/discord/index.ts';
import type { DrivenBot } from './driven-bot.ts';

/** Starts the bot in `path` on a Discord on this machine; as {@link DrivenBot}s are otherwise. */
export async function driveDiscordBot(
  path: string,
  flags: readonly string[],
  directory: string,
): Promise<Omit<DrivenBot, 'ask'>> {
  const discord = await DiscordServer.start();
  const bot = discord.addBot({ name: 'Moderator' });
  const alice = discord.addUser('Alice');
  const channel = discord.addChannel(discord.addGuild({ owner: alice, members: [bot] }));
  const child = spawn(process.execPath, [...flags, path], {
    env: {
      PATH: process.env.PATH,
      DISCORD_TOKEN: bot.token,
      DISCORD_API: discord.url,
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await discord.awaitConnected(bot, 1, { deadlineMs: 30_000 });
  return {
    platform: discord,
    say: () => void alice.runs(bot, channel, 'rules'),
    answers: () => discord.log.all.filter(({ status }) => status === 204).length,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await discord.stop();
    },
  };
}
