import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { atLevel, fixture } from './support/bot-run.ts';
import { expectConnected } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { expectCallsRecorded, runApp, startSlack } from './support/slack.ts';
import { besideOldest } from './support/versions.ts';

const VERSIONS = [
  ['newest', async (file: string) => fixture(file), 'WebAPIPlatformError'],
  ['oldest', (file: string) => besideOldest('slack-bolt', file, '@slack/bolt'), 'Error'],
] as const;

test.for(VERSIONS)(
  '%s Bolt: errors of listeners and of Slack reach the app as before, and each is recorded',
  async ([, find, apiError]) => {
    const slack = await startSlack();
    const app = slack.addApp('Failing');
    const alice = slack.addPerson('Alice');
    const channel = slack.addChannel('general', [alice, app.home.bot]);
    const run = await runApp(slack, app, await find('slack/failing.mjs'));
    const heard = (text: string) =>
      run.while(eventually(`"${text}" on stderr`, () => run.stderr.includes(text) || undefined));
    for (const [command, says] of [
      ['/throw', 'caught RangeError: thrown'],
      ['/reject', 'caught SyntaxError: rejected'],
      ['/refused', `caught ${apiError}: An API error occurred: not_in_channel`],
      ['/swallowed', undefined],
      ['/forgotten', 'unhandled An API error occurred: channel_not_found'],
    ] as const) {
      alice.commands(app, command, '', channel);
      if (says !== undefined) await heard(says);
      else await run.while(slack.awaitCall('chat.postMessage', ({ args }) => args.text === 'Never mind'));
    }
    alice.says(channel, 'talk');
    await heard('caught TypeError: no words');
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectCallsRecorded(slack, records);
    const failures = ofEvent(records, 'bot.handler.error').map(({ attributes: of }) => [
      of['bot.command.name'] ?? of['bot.update.type'],
      of['error.type'],
      of['audit.outcome'],
    ]);
    expect(failures).toEqual([
      ['/throw', 'RangeError', 'failure'],
      ['/reject', 'SyntaxError', 'failure'],
      ['/refused', apiError, 'failure'],
      ['message', 'TypeError', 'failure'],
    ]);
  },
);

/** All that a run has left in its folder, by file. */
async function everyFile(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}

test.for(['metadata', 'full'] as const)(
  'at %s neither tokens nor secrets, response URLs, triggers, codes, or upload URLs are in any byte that comes out of auditing',
  async (level) => {
    const slack = await startSlack();
    const app = slack.addApp('Careless');
    const alice = slack.addPerson('Alice');
    const channel = slack.addChannel('general', [alice, app.home.bot]);
    const code = app.issueCode(slack.addWorkspace());
    const run = await runApp(slack, app, fixture('slack/careless.mjs'), {
      socket: true,
      env: {
        OAUTH_CODE: code,
        SLACK_CLIENT_ID: app.clientId,
        SLACK_CLIENT_SECRET: app.clientSecret,
        ...atLevel(level),
      },
    });
    const leak = alice.commands(app, '/leak', app.home.botToken, channel);
    await run.while(slack.awaitCall('views.open'));
    await run.while(slack.awaitDelivered());
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const records = await readRecords(run.directory);
    expectChained(records);
    expect(ofEvent(records, 'careless.event')).toHaveLength(1);
    expect(ofEvent(records, 'bot.handler.error')).toHaveLength(1);
    const uploads = [...slack.workspace.files.values()].map(({ url }) => url);
    expect(uploads).toHaveLength(1);
    const planted = [
      app.home.botToken,
      ...app.installations.map(({ botToken }) => botToken),
      app.appToken,
      app.signingSecret,
      app.clientSecret,
      app.verificationToken,
      code,
      leak.payload.response_url,
      leak.payload.trigger_id,
      ...uploads,
    ].map((secret) => String(secret).replace(/^.*[-/.]/, ''));
    const outputs = await everyFile(run.cwd);
    outputs.set('stdout', run.stdout).set('stderr', run.stderr);
    const leaks = [...outputs].flatMap(([name, text]) =>
      planted
        .filter((one) => text.includes(one))
        .map((one) => `${name}: ${text.slice(text.indexOf(one) - 80).slice(0, 160)}`),
    );
    expect(leaks).toEqual([]);
  },
);
