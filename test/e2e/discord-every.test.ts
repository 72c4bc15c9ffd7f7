import { expect, test } from 'vitest';
import { documentedRoutes, filledIn } from '../../packages/platform-discord/test/documented.js';
import { everyEvent } from '../platforms/discord/examples/every-event.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected } from './support/comparison.ts';
import { botOf, expectRequestsAreRecorded, startDiscord } from './support/discord.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';

const SECRET = 'c2VjcmV0IG9mIGEgcm91dGU';

test('every route of the API leaves one record of its end, with its own name and no more of it than ids', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Caller' });
  const owner = discord.addUser('Owner');
  const guild = discord.addGuild({ owner, moderators: [account] });
  const channel = discord.addChannel(guild);
  const known: Readonly<Record<string, string>> = {
    'guild.id': guild.id,
    'channel.id': channel.id,
    'user.id': owner.id,
    'application.id': account.id,
  };
  const requests = documentedRoutes()
    .map((route) =>
      filledIn(route, (placeholder) => {
        const id = known[placeholder] ?? '4200000000000000042';
        return /\.id$|Id$/.test(placeholder) && !/provider|instance/.test(placeholder) ? id : SECRET;
      }),
    )
    .filter(({ fullRoute }) => !fullRoute.startsWith('/gateway'))
    // A channel or a guild that is gone would hide what is still to come.
    .toSorted((a, b) => Number(/^DELETE/.test(a.method)) - Number(/^DELETE/.test(b.method)))
    .map((request) => ({ ...request, ...(/GET|DELETE/.test(request.method) ? {} : { body: { content: SECRET } }) }));
  const run = await BotRun.start(fixture('discordjs/caller.mjs'), { ...botOf(discord, account), ipc: true });
  run.child.send(requests);
  expect(await run.exited).toEqual({ code: 0, signal: null });
  expect(discord.log.all).toHaveLength(requests.length);

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectRequestsAreRecorded(discord, records);
  expect(records.map(({ line }) => line).join('\n')).not.toContain(SECRET);
});

test('everything that the gateway tells is recorded once, or not at all where nobody did it', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Listener' });
  const [alice, bob] = [discord.addUser('Alice'), discord.addUser('Bob')];
  const guild = discord.addGuild({ owner: alice, members: [bob], moderators: [account] });
  const channel = discord.addChannel(guild);
  const run = await BotRun.start(fixture('discordjs/listener.mjs'), botOf(discord, account));
  await run.while(discord.awaitConnected(account));
  const message = bob.says(channel, 'hello');
  const member = guild.members.get(bob.id);
  if (!member) throw new Error('Bob is not there');
  const events = everyEvent({ guild, channel, message, member, user: bob.user });
  for (const [type, payload] of Object.entries(events)) discord.feed.toBot(account, type, payload, guild);
  const dialogue = discord.world.directMessages(alice.user, account.user);
  const last = alice.runs(account, dialogue, 'last');
  await run.while(discord.until(() => last.answer));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stdout).toBe('');

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  const told = ofEvent(records, 'bot.event').map(({ attributes }) => attributes['bot.update.type']);
  const at = (type: string) => told.filter((other) => other === type).length;
  const slight =
    /^(TYPING|PRESENCE|MESSAGE|CHANNEL_PINS|THREAD_MEMBERS|GUILD_(EMOJIS|STICKERS|SCHEDULED)|STAGE|USER|NOVELTY)/;
  for (const type of Object.keys(events)) expect([type, at(type)]).toEqual([type, slight.test(type) ? 0 : 1]);
  expect(told).toHaveLength(Object.keys(events).filter((type) => !slight.test(type)).length);
  expect(ofEvent(records, 'bot.activity')).toEqual([]);
  const entry = records.find(({ attributes }) => attributes['bot.update.type'] === 'GUILD_AUDIT_LOG_ENTRY_CREATE');
  expect(entry?.attributes).toMatchObject({
    'audit.action': 'BAN',
    'audit.actor.id': `discord:${alice.id}`,
    'audit.target.id': `discord:${bob.id}`,
    'audit.reason': 'spam',
  });
});
