import { expect, test } from 'vitest';
import { fixture } from './support/bot-run.ts';
import { expectConnected } from './support/comparison.ts';
import { everyFile, leaksIn } from './support/leaks.ts';
import { aboutBots, expectChained, type PlainRecord, readRecords } from './support/records.ts';
import { expectCallsRecorded, runApp, startSlack } from './support/slack.ts';
import { besideOldest } from './support/versions.ts';

const VERSIONS = [
  ['newest', async (file: string) => fixture(file)],
  ['oldest', (file: string) => besideOldest('slack-bolt', file, '@slack/bolt')],
] as const;

/** What bots were told and did: the event, its target, and which bot it was. */
const gist = (records: readonly PlainRecord[]): string[] =>
  aboutBots(records).map(({ event, attributes: of }) => [event, of['audit.target.id'], of['bot.id']].join(' '));

const RECEIVERS = VERSIONS.flatMap(([version, find]) =>
  (['lambda.mjs', 'express.mjs'] as const).map((file) => [version, file, find] as const),
);

test.for(RECEIVERS)(
  'an app of the %s Bolt with a receiver of its own, %s, is audited whole',
  async ([, file, find]) => {
    const slack = await startSlack();
    const app = slack.addApp('Lambda');
    const alice = slack.addPerson('Alice');
    const channel = slack.addChannel('general', [alice, app.home.bot]);
    const run = await runApp(slack, app, await find(`slack/${file}`));
    const hello = alice.says(channel, 'hello');
    const { answer } = await run.while(slack.awaitCall('chat.postMessage'));
    await run.while(slack.awaitDelivered());
    const echo = alice.commands(app, '/echo', 'An echo', channel);
    await run.while(slack.until(() => echo.taken));
    expect(JSON.stringify(echo.attempts)).toContain('An echo');
    await run.end('SIGTERM');

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectCallsRecorded(slack, records);
    const [bot, place] = [`slack:${app.home.bot.id}`, `slack:${channel.id}`];
    expect(gist(records).filter((line) => !line.startsWith('bot.st'))).toEqual([
      `bot.message ${place}/${hello.ts} ${bot}`,
      `bot.message.send ${place}/${answer?.ts} ${bot}`,
      `bot.command ${place} ${bot}`,
      `bot.message.send ${place} ${bot}`,
    ]);
  },
);

test.for(VERSIONS)('who installs an app of the %s Bolt by OAuth talks to a bot that is known', async ([, find]) => {
  const slack = await startSlack();
  const app = slack.addApp('Distributed', { installed: false });
  const workspace = slack.addWorkspace();
  const alice = slack.addPerson('Alice', workspace);
  const run = await runApp(slack, app, await find('slack/distributed.mjs'), {
    env: { SLACK_CLIENT_ID: app.clientId, SLACK_CLIENT_SECRET: app.clientSecret },
  });
  const origin = new URL(app.requestUrl ?? '').origin;
  const page = await fetch(`${origin}/slack/install`, { redirect: 'manual' });
  const authorize = new URL(page.headers.get('location') ?? '');
  const state = authorize.searchParams.get('state') ?? '';
  const code = app.issueCode(workspace);
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const back = await fetch(`${origin}/slack/oauth_redirect?${new URLSearchParams({ code, state })}`, {
    headers: { cookie },
    redirect: 'manual',
  });
  expect(back.status).toBeLessThan(400);
  const [installation] = app.installations;
  if (!installation) throw new Error('it was not installed');
  const channel = slack.addChannel('general', [alice, installation.bot], workspace);
  alice.says(channel, 'hello');
  const { answer } = await run.while(slack.awaitCall('chat.postMessage'));
  await run.while(slack.awaitDelivered());
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectCallsRecorded(slack, records);
  const lines = gist(records);
  expect(lines.filter((line) => line.startsWith('bot.message.send'))).toEqual([
    `bot.message.send slack:${channel.id}/${answer?.ts} slack:${installation.bot.id}`,
  ]);
  const outputs = await everyFile(run.cwd);
  outputs.set('stdout', run.stdout).set('stderr', run.stderr);
  const planted = [code, state, app.clientSecret, installation.botToken];
  expect(leaksIn(outputs, planted)).toEqual([]);
});
