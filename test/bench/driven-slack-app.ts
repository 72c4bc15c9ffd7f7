import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '../../scripts/stack/ports.ts';
import { SlackServer } from '../platforms/slack/index.ts';
import type { DrivenBot } from './driven-bot.ts';

/** Starts the Slack app in `path`, as `driveBot` does a bot of Telegram's. */
export async function driveSlackApp(
  path: string,
  flags: readonly string[],
  directory: string,
): Promise<Omit<DrivenBot, 'ask'>> {
  const slack = await SlackServer.start();
  const app = slack.addApp('Moderator');
  const alice = slack.addPerson('Alice');
  const channel = slack.addChannel('general', [alice, app.home.bot]);
  const [port] = await freePorts(1);
  const child = spawn(process.execPath, [...flags, path], {
    env: {
      PATH: process.env.PATH,
      PORT: `${port}`,
      SLACK_BOT_TOKEN: app.home.botToken,
      SLACK_SIGNING_SECRET: app.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
    },
    stdio: 'ignore',
  });
  await slack.verifyUrl(app, `http://127.0.0.1:${port}/slack/events`);
  return {
    platform: slack,
    say: () => void alice.commands(app, '/rules', '', channel),
    answers: () => slack.log.of('chat.postMessage').length,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await slack.stop();
    },
  };
}
