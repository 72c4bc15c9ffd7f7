import { expect, test } from 'vitest';
import { OPTION } from '../platforms/discord/index.ts';
import { eventually } from '../support/eventually.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { botOf, startDiscord } from './support/discord.ts';
import { runApp, startSlack } from './support/slack.ts';
import { unwritable } from './support/unwritable.ts';

/** Waits until a bot has said something on stderr. */
const heard = (run: BotRun, text: string): Promise<unknown> =>
  run.while(eventually(`"${text}" on stderr`, () => run.stderr.includes(text) || undefined));

test.for([false, true])(
  'Slack, Socket Mode %s: what may not be done unrecorded is not done, and all else goes on',
  async (socket) => {
    const slack = await startSlack();
    const app = slack.addApp('Assistant');
    const [alice, mallory] = [slack.addPerson('Alice'), slack.addPerson('Mallory')];
    const channel = slack.addChannel('general', [alice, mallory, app.home.bot]);
    const options = await unwritable('{ event: bot.member.kick, fail_closed: true }');
    const run = await runApp(slack, app, fixture('slack/assistant.mjs'), { ...options, socket });

    alice.commands(app, '/kick', mallory.id, channel);
    await heard(run, 'caught bot.member.kick fails closed');
    const echo = alice.commands(app, '/echo', 'An echo', channel);
    await run.while(slack.until(() => echo.taken));
    alice.says(channel, 'hello');
    await run.while(slack.awaitCall('chat.postMessage'));
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(slack.log.of('conversations.kick')).toEqual([]);
    // What comes after it in the handler is not done either.
    expect(slack.log.of('respond')).toEqual([]);
    expect(JSON.stringify(echo.attempts)).toContain('An echo');
    expect(run.stderr).toContain('WHAT FAILS CLOSED WILL NOT HAPPEN');
  },
);

test('Slack: an event that may not be handled unrecorded reaches no listener, and Slack learns that it was not taken', async () => {
  const slack = await startSlack();
  const app = slack.addApp('Assistant');
  const [alice, mallory] = [slack.addPerson('Alice'), slack.addPerson('Mallory')];
  const channel = slack.addChannel('general', [alice, mallory, app.home.bot]);
  const options = await unwritable('{ event: bot.command, fail_closed: true }');
  const run = await runApp(slack, app, fixture('slack/assistant.mjs'), options);

  const kick = alice.commands(app, '/kick', mallory.id, channel);
  await run.while(slack.until(() => kick.taken !== undefined));
  alice.says(channel, 'hello');
  await run.while(slack.awaitCall('chat.postMessage'));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(kick.taken).toBe(false);
  for (const method of ['conversations.kick', 'respond']) expect(slack.log.of(method)).toEqual([]);
});

test('Discord: what may not be done unrecorded is not done, and all else goes on', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const [alice, mallory] = [discord.addUser('Alice'), discord.addUser('Mallory')];
  const guild = discord.addGuild({ owner: alice, members: [mallory], moderators: [account] });
  const channel = discord.addChannel(guild);
  const options = await unwritable('{ event: bot.member.ban, fail_closed: true }');
  const run = await BotRun.start(fixture('discordjs/failing.mjs'), botOf(discord, account, options));
  await run.while(discord.awaitConnected(account));

  alice.runs(account, channel, 'remove', [{ name: 'target', type: OPTION.user, value: mallory.id }]);
  await heard(run, 'caught AuditUnavailableError: bot.member.ban fails closed');
  alice.runs(account, channel, 'send');
  await run.while(discord.until(() => [...channel.messages.values()].find((message) => message.content === 'Sent')));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(discord.log.of('PUT /guilds/:id/bans/:id')).toEqual([]);
  expect(guild.bans.has(mallory.id)).toBe(false);
  expect(run.stderr).toContain('WHAT FAILS CLOSED WILL NOT HAPPEN');
});
