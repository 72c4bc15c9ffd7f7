import { expect, test } from 'vitest';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
import { startSlack } from './support/slack.ts';
import { besideOldest } from './support/versions.ts';

/** What an application shows of itself, as it is or under the flag; what differs from run to run is masked. */
async function show(file: string, scenario: string, nodeOptions: readonly string[]) {
  const slack = await startSlack();
  const app = slack.addApp('Transparent');
  const env = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_SIGNING_SECRET: app.signingSecret,
    SLACK_BOT_TOKEN: app.home.botToken,
  };
  const run = await BotRun.start(file, { nodeOptions, args: [scenario], env });
  const { code } = await run.exited;
  const masked = (text: string): string =>
    text.replaceAll(new URL(slack.url).port, 'PORT').replaceAll(/\b[A-Z]0[0-9A-Z]{9}\b/g, 'ID');
  // Below the first lines stand frames of Node's own, and of what was passed on its way.
  const stderr = run.stderr.replace(/^(botaudit: | {4}at ).*\n/gm, '');
  return { code, stdout: masked(run.stdout), stderr: masked(stderr) };
}

const VERSIONS = {
  newest: async (file: string) => fixture(file),
  oldest: (file: string) => besideOldest('slack-bolt', file, '@slack/bolt', ['transparency/application.mjs']),
};

const CASES = (['newest', 'oldest'] as const).flatMap((version) =>
  ['values', 'errors', 'order', 'unhandled', 'watched', 'stop'].map((scenario) => ({ version, scenario })),
);

test.for(CASES)(
  'an application of the $version Bolt can not tell the flag from its absence: $scenario',
  async (given) => {
    const file = await VERSIONS[given.version]('transparency/slack-bolt.mjs');
    const [without, under] = await Promise.all([
      show(file, given.scenario, []),
      show(file, given.scenario, ['--import', REGISTER]),
    ]);
    expect(under).toEqual(without);
    expect(without.stdout + without.stderr).not.toBe('');
    expect(without.stdout + without.stderr).not.toMatch(/SyntaxError|is not defined|is not a function/);
  },
);
