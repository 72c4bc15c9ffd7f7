import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { OPTION } from '../platforms/discord/index.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { expectConnected } from './support/comparison.ts';
import { botOf, expectRequestsAreRecorded, startDiscord } from './support/discord.ts';
import { aboutBots, expectChained, ofEvent, readRecords } from './support/records.ts';
import { besideOldest } from './support/versions.ts';

const CASES = [
  ['the newest', 'an ES module', async () => fixture('discordjs/assistant.mjs')],
  ['the newest', 'CommonJS', async () => fixture('discordjs/assistant.cjs')],
  ['the oldest', 'an ES module', () => besideOldest('discordjs', 'discordjs/assistant.mjs', 'discord.js')],
  ['the oldest', 'CommonJS', () => besideOldest('discordjs', 'discordjs/assistant.cjs', 'discord.js')],
] as const;

test.for(CASES)('an unmodified bot of %s discord.js as %s is audited whole', async ([, , find]) => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const [alice, mallory, carol] = ['Alice', 'Mallory', 'Carol'].map((name) => discord.addUser(name));
  if (!alice || !mallory || !carol) throw new Error('nobody is there');
  const guild = discord.addGuild({ owner: alice, members: [mallory], moderators: [account] });
  const channel = discord.addChannel(guild);
  const role = { id: '4200000000000000001', name: 'member' };
  guild.roles.set(role.id, role);
  const run = await BotRun.start(await find(), botOf(discord, account, { env: { ROLE_ID: role.id } }));
  await run.while(discord.awaitConnected(account));
  const answered = (interaction: { answer: unknown }) => run.while(discord.until(() => interaction.answer));
  const awaitMessage = (content: string) =>
    run.while(discord.until(() => [...channel.messages.values()].find((message) => message.content === content)));

  mallory.says(channel, 'Nobody answers to this');
  const ban = alice.runs(account, channel, 'ban', [
    { name: 'target', type: OPTION.user, value: mallory.id },
    { name: 'reason', type: OPTION.string, value: 'spam, spam' },
  ]);
  await answered(ban);
  const ask = alice.runs(account, channel, 'menu');
  await answered(ask);
  const press = alice.presses(account, channel, await awaitMessage('Tea?'), 'tea:yes');
  await answered(press);
  const order = alice.runs(account, channel, 'order');
  await answered(order);
  const form = alice.submits(account, channel, 'order', { sugar: 'two lumps' });
  await answered(form);
  const slow = alice.runs(account, channel, 'slow');
  await awaitMessage('And more');
  const hello = alice.says(channel, 'Hello, bot');
  const reply = await awaitMessage('Hello to you');
  await run.while(discord.awaitCall('PUT /channels/:id/messages/:id/reactions/:emoji/@me'));
  carol.joins(guild);
  await run.while(discord.awaitCall('PUT /guilds/:id/members/:id/roles/:id'));
  const quiet = alice.runs(account, channel, 'quiet');
  // Nothing tells when a bot has seen what it does not answer; what it is told after that, it answers.
  const last = alice.runs(account, channel, 'menu');
  await answered(last);
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stdout).toMatch(/^Ready! Logged in as assistant/);

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectRequestsAreRecorded(discord, records);

  const [person, bot] = [`discord:${alice.id}`, `discord:${account.id}`];
  const inbound = aboutBots(records).filter(({ attributes }) => attributes['bot.update.type'] !== undefined);
  const told = inbound
    .filter(({ attributes }) => attributes['audit.actor.id'] === person)
    .map(({ event, attributes: of }) => [of['bot.update.id'], event, of['bot.command.name'], of['bot.id']]);
  expect(told).toEqual([
    [ban.id, 'bot.command', '/ban', bot],
    [ask.id, 'bot.command', '/menu', bot],
    [press.id, 'bot.callback', undefined, bot],
    [order.id, 'bot.command', '/order', bot],
    [form.id, 'bot.callback', undefined, bot],
    [slow.id, 'bot.command', '/slow', bot],
    [hello.id, 'bot.message', undefined, bot],
    [quiet.id, 'bot.command', '/quiet', bot],
    [last.id, 'bot.command', '/menu', bot],
  ]);
  expect(inbound[0]?.body).toEqual({
    guild: `discord:${guild.id}`,
    options: [{ name: 'target', id: `discord:${mallory.id}` }, { name: 'reason' }],
  });
  const [join] = ofEvent(records, 'bot.event').filter(({ attributes }) => attributes['audit.action'] === 'JOIN');
  expect(join?.attributes['audit.actor.id']).toBe(`discord:${carol.id}`);

  const [attempt, outcome] = ofEvent(records, 'bot.member.ban');
  expect(attempt?.attributes).toMatchObject({
    'audit.action': 'BAN',
    'audit.actor.id': person,
    'audit.target.id': `discord:${mallory.id}`,
    'audit.target.type': 'user',
    'audit.outcome': 'unknown',
    'audit.reason': 'spam, spam',
    'bot.action.stage': 'attempt',
    'bot.api.method': 'PUT /guilds/:guild/bans/:user',
    'bot.chat.id': guild.id,
    'bot.trigger.record_id': inbound[0]?.attributes['audit.record.id'],
  });
  expect(outcome?.attributes).toMatchObject({
    'audit.outcome': 'success',
    'bot.action.attempt.record_id': attempt?.attributes['audit.record.id'],
  });
  const [, roleGrant] = ofEvent(records, 'bot.role.grant');
  expect(roleGrant?.attributes).toMatchObject({
    'audit.target.id': `discord:${carol.id}`,
    'bot.trigger.record_id': join?.attributes['audit.record.id'],
  });
  const sent = ofEvent(records, 'bot.message.send').find(
    ({ attributes }) => attributes['bot.api.method'] === 'POST /channels/:channel/messages',
  );
  expect(sent?.attributes).toMatchObject({
    'audit.target.id': `discord:${channel.id}/${reply.id}`,
    'audit.actor.id': person,
  });
  const ofSlow = records.find(({ attributes }) => attributes['bot.update.id'] === slow.id);
  const causedBySlow = records.filter(
    ({ attributes }) => attributes['bot.trigger.record_id'] === ofSlow?.attributes['audit.record.id'],
  );
  expect(causedBySlow.map(({ attributes }) => attributes['bot.api.method'])).toEqual([
    'POST /interactions/:interaction/:token/callback',
    'PATCH /webhooks/:webhook/:token/messages/@original',
    'POST /webhooks/:webhook/:token',
  ]);

  const lines = records.map(({ line }) => line).join('\n');
  const secrets = [ban, ask, press, order, form, slow, quiet, last].map(({ token }) => token);
  for (const secret of [...secrets, account.token, 'Nobody answers', 'two lumps', 'Tea?', 'tea:yes']) {
    expect(lines).not.toContain(secret);
  }
  const life = ofEvent(records, 'bot.started').concat(ofEvent(records, 'bot.stopped'));
  expect(life.map(({ event, attributes: of }) => [event, of['bot.id']])).toEqual([
    ['bot.started', bot],
    ['bot.stopped', bot],
  ]);
  const verified = await botaudit('verify', run.directory);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.stdout).toContain('consistent');
});

test('a version that is not supported runs on, and that is said once', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const alice = discord.addUser('Alice');
  const channel = discord.addChannel(discord.addGuild({ owner: alice, members: [account] }));
  const file = await besideOldest('discordjs', 'discordjs/assistant.mjs', 'discord.js');
  const manifest = join(dirname(file), 'node_modules', 'discord.js', 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"version": "14.16.0"', '"version": "15.0.0"'));
  const run = await BotRun.start(file, botOf(discord, account));
  await run.while(discord.awaitConnected(account));
  const asked = alice.runs(account, channel, 'menu');
  await run.while(discord.until(() => asked.answer));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stderr.match(/discord\.js 15\.0\.0/g)).toHaveLength(1);
  const records = await readRecords(run.directory);
  expectChained(records);
  expect(records.filter(({ event }) => /^bot\.(command|started|stopped)$/.test(event))).toEqual([]);
});
