import { expect, test } from 'vitest';
import { fixture, runToEnd } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { expectConnected } from './support/comparison.ts';
import { aboutBots, expectChained, ofEvent, readRecords } from './support/records.ts';
import { expectCallsRecorded, runApp, startSlack } from './support/slack.ts';
import { besideOldest } from './support/versions.ts';

const find = {
  newest: async (file: string) => fixture(file),
  oldest: (file: string) => besideOldest('slack-bolt', file, '@slack/bolt'),
};

const CASES = (['newest', 'oldest'] as const).flatMap((version) =>
  (['mjs', 'cjs'] as const).flatMap((kind) => [false, true].map((socket) => ({ version, kind, socket }))),
);

test.for(CASES)(
  'an unmodified app of the $version Bolt as .$kind, Socket Mode $socket, is audited whole',
  async (given) => {
    const slack = await startSlack();
    const app = slack.addApp('Assistant');
    const [alice, mallory] = [slack.addPerson('Alice'), slack.addPerson('Mallory')];
    const { bot } = app.home;
    const channel = slack.addChannel('general', [alice, mallory, bot]);
    const file = await find[given.version](`slack/assistant.${given.kind}`);
    const run = await runApp(slack, app, file, { socket: given.socket });
    const done = (what: Promise<unknown>) => run.while(what.then(() => slack.awaitDelivered()));

    const hello = alice.says(channel, 'hello');
    const { answer } = await run.while(slack.awaitCall('chat.postMessage'));
    const greeting = channel.message(answer?.ts);
    expect(greeting).toBeDefined();
    mallory.says(channel, 'Nobody answers to this');
    if (greeting) alice.presses(app, greeting, 'button_click');
    await done(slack.awaitCall('chat.postMessage', ({ args }) => String(args.text).includes('clicked')));
    alice.commands(app, '/kick', mallory.id, channel);
    await done(slack.awaitCall('respond'));
    const echo = alice.commands(app, '/echo', 'An echo', channel);
    await done(slack.until(() => echo.taken));
    expect(JSON.stringify(echo.attempts)).toContain('An echo');
    alice.runsShortcut(app, 'open_modal');
    const opened = await run.while(slack.awaitCall('views.open'));
    const viewId = String(Object(opened.answer?.view).id);
    alice.submits(app, viewId);
    await done(slack.awaitCall('chat.postMessage', ({ args }) => args.text === 'Thank you'));
    const suggested = alice.types(app, 'colours', 'r', channel);
    await done(slack.until(() => suggested.taken));
    const mention = alice.says(channel, `<@${bot.id}>, are you there?`);
    await done(slack.awaitCall('reactions.add'));
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(run.stdout).toBe('');

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectCallsRecorded(slack, records);

    const [person, botId, place] = [`slack:${alice.id}`, `slack:${bot.id}`, `slack:${channel.id}`];
    const about = aboutBots(records).filter(({ attributes: of }) => of['bot.action.stage'] !== 'attempt');
    const names = new Map(about.map(({ event, attributes: of }) => [of['audit.record.id'], event]));
    const told = about.map(({ event, attributes: of }) => [
      event,
      of['bot.api.method'] ?? of['bot.command.name'] ?? of['bot.update.type'],
      of['audit.target.id'],
      of['audit.outcome'],
      names.get(of['bot.trigger.record_id']),
    ]);
    const answered = (method: string, index = 0) => slack.log.of(method)[index]?.answer as Record<string, string>;
    // In which order the ends of calls are recorded that run at the same time is open.
    expect(told.map(String).toSorted()).toEqual(
      [
        ['bot.started', undefined, botId, 'success', undefined],
        ['bot.message', 'message', `${place}/${hello.ts}`, 'success', undefined],
        ['bot.message.send', 'chat.postMessage', `${place}/${greeting?.ts}`, 'success', 'bot.message'],
        ['bot.callback', 'block_actions', `${place}/${greeting?.ts}`, 'success', undefined],
        [
          'bot.message.send',
          'chat.postMessage',
          `${place}/${answered('chat.postMessage', 1).ts}`,
          'success',
          'bot.callback',
        ],
        ['bot.command', '/kick', place, 'success', undefined],
        ['bot.member.kick', 'conversations.kick', `slack:${mallory.id}`, 'success', 'bot.command'],
        ['bot.message.send', 'respond', place, 'success', 'bot.command'],
        ['bot.command', '/echo', place, 'success', undefined],
        ['bot.message.send', 'ack', place, 'unknown', 'bot.command'],
        ['bot.callback', 'shortcut', undefined, 'success', undefined],
        ['bot.query.answer', 'views.open', `slack:${viewId}`, 'success', 'bot.callback'],
        ['bot.callback', 'view_submission', `slack:${viewId}`, 'success', undefined],
        [
          'bot.message.send',
          'chat.postMessage',
          `slack:${answered('chat.postMessage', 2).channel}/${answered('chat.postMessage', 2).ts}`,
          'success',
          'bot.callback',
        ],
        ['bot.activity', 'block_suggestion', place, 'success', undefined],
        ['bot.query.answer', 'ack', place, 'unknown', 'bot.activity'],
        ['bot.message', 'app_mention', `${place}/${mention.ts}`, 'success', undefined],
        ['bot.message.react', 'reactions.add', `${place}/${mention.ts}`, 'success', 'bot.message'],
        // By the signal, and by the app that stops because of it.
        ['bot.stopping', undefined, botId, 'success', undefined],
        ['bot.stopping', undefined, botId, 'success', undefined],
        ['bot.stopped', undefined, botId, 'success', undefined],
      ]
        .map(String)
        .toSorted(),
    );
    const acts = about
      .filter(({ event }) => !/^bot\.st/.test(event))
      .map(({ attributes: of }) => [of['audit.actor.id'], of['bot.id'], of['bot.framework']]);
    expect(new Set(acts.map(String))).toEqual(new Set([[person, botId, 'slack-bolt'].join()]));
    expect(about[0]?.body).toMatchObject({ updates: given.socket ? 'socket' : 'webhook' });
    const inbound = about.filter(({ attributes: of }) => of['bot.update.type'] !== undefined);
    expect(new Set(inbound.map(({ traceId }) => traceId)).size).toBe(inbound.length);
    const [attempt, outcome] = ofEvent(records, 'bot.member.kick');
    expect(attempt?.attributes).toMatchObject({ 'bot.action.stage': 'attempt', 'audit.outcome': 'unknown' });
    expect(outcome?.attributes['bot.action.attempt.record_id']).toBe(attempt?.attributes['audit.record.id']);

    const verified = await botaudit('verify', run.directory);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain('consistent');
  },
);

test.for(['client.mjs', 'client.cjs'])('a script that uses the client alone, %s, is audited whole', async (file) => {
  const slack = await startSlack();
  const app = slack.addApp('Script');
  const channels = ['general', 'random', 'help'].map((name) => slack.addChannel(name, []));
  slack.failNext('chat.postMessage', { retryAfter: 0 });
  const env = { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: app.home.botToken };
  const run = await runToEnd(fixture(`slack/${file}`), { env });
  expect(run.exit).toEqual({ code: 0, signal: null });
  expect(run.stdout).toContain('channel_not_found');

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectCallsRecorded(slack, records);
  expect(ofEvent(records, 'bot.message.send').map(({ attributes: of }) => of['bot.chat.id'])).toEqual(
    channels.map(({ id }) => id),
  );
  const about = aboutBots(records).filter(({ attributes: of }) => of['bot.api.method'] !== undefined);
  expect(new Set(about.map(({ attributes: of }) => `${of['bot.id']} ${of['bot.framework']}`))).toEqual(
    new Set([`slack:${app.home.bot.id} @slack/web-api`]),
  );
});
