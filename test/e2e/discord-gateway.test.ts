import { expect, test } from 'vitest';
import { CLOSE } from '../platforms/discord/index.ts';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
import { expectConnected } from './support/comparison.ts';
import { botOf, expectRequestsAreRecorded, startDiscord } from './support/discord.ts';
import { aboutBots, expectChained, ofEvent, readRecords } from './support/records.ts';

const ANSWER = 'POST /interactions/:id/:token/callback';

test.for([
  ['processes', 'process', {}],
  ['threads', 'worker', {}],
  [
    'processes, the flag in NODE_OPTIONS',
    'process',
    { nodeOptions: [], env: { NODE_OPTIONS: `--import ${REGISTER}` } },
  ],
] as const)('shards as %s are audited each on its own, and their manager leaves no record of a bot', async (given) => {
  const [, mode, options] = given;
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Sharded' });
  const alice = discord.addUser('Alice');
  const guilds = [0, 1].map((shard) => {
    for (;;) {
      const guild = discord.addGuild({ owner: alice, members: [account] });
      if (Number((BigInt(guild.id) >> 22n) % 2n) === shard) return guild;
      discord.world.guilds.delete(guild.id);
    }
  });
  const channels = guilds.map((guild) => discord.addChannel(guild));
  const bot = botOf(discord, account, { ...options, args: [mode] });
  const run = await BotRun.start(fixture('discordjs/manager.mjs'), bot);
  await run.while(discord.awaitConnected(account, 2, { deadlineMs: 30_000 }));
  await run.while(discord.until(() => run.stdout.includes('Launched shard 1')));
  for (const channel of channels) {
    const asked = alice.runs(account, channel, 'count');
    await run.while(discord.until(() => asked.answer, { deadlineMs: 30_000 }));
  }
  const contents = channels.map((channel) => [...channel.messages.values()].map(({ content }) => content));
  expect(contents).toEqual([['Shard 0 of 2: 2'], ['Shard 1 of 2: 2']]);
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectRequestsAreRecorded(discord, records);
  const streams = Map.groupBy(records, ({ stream }) => stream);
  const told = [...streams.values()].map((stream) => aboutBots(stream).map(({ event }) => event));
  const [manager, ...shards] = told.toSorted((a, b) => a.length - b.length);
  expect(manager).toEqual([]);
  expect(shards).toHaveLength(2);
  for (const shard of shards) {
    expect(shard.filter((event) => ['bot.started', 'bot.command', 'bot.message.send'].includes(event))).toEqual([
      'bot.started',
      'bot.command',
      'bot.message.send',
    ]);
  }
});

test('a bot that loses its connection, resumes, and has to begin anew misses nothing and tells nothing twice', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const alice = discord.addUser('Alice');
  const guild = discord.addGuild({ owner: alice, moderators: [account] });
  const channel = discord.addChannel(guild);
  const run = await BotRun.start(fixture('discordjs/assistant.mjs'), botOf(discord, account));
  const ask = async () => {
    const interaction = alice.runs(account, channel, 'menu');
    await run.while(discord.until(() => interaction.answer, { deadlineMs: 30_000 }));
    return interaction.id;
  };
  await run.while(discord.awaitConnected(account));
  const asked = [await ask()];
  const disconnected = () => discord.gateway.sessionsOf(account).every(({ isConnected }) => !isConnected);
  discord.gateway.drop(account);
  await run.while(discord.until(disconnected));
  // What happens meanwhile is told when the bot is back.
  asked.push(await ask());
  expect(discord.gateway.resumed).toBe(1);
  discord.gateway.askToReconnect(account);
  await run.while(discord.until(() => discord.gateway.resumed === 2, { deadlineMs: 30_000 }));
  asked.push(await ask());
  // Its session is gone: it has to introduce itself again.
  discord.gateway.drop(account, CLOSE.unknown, true);
  await run.while(discord.awaitConnected(account, 1, { deadlineMs: 30_000 }));
  asked.push(await ask());
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectRequestsAreRecorded(discord, records);
  expect(discord.log.of(ANSWER)).toHaveLength(asked.length);
  expect(ofEvent(records, 'bot.command').map(({ attributes }) => attributes['bot.update.id'])).toEqual(asked);
  expect(ofEvent(records, 'bot.started')).toHaveLength(1);
  expect(ofEvent(records, 'bot.stopped')).toHaveLength(1);
  const connections = records.filter(({ event }) => /^bot\.(dis)?connected$/.test(event));
  expect(connections.map(({ event }) => event).slice(0, 7)).toEqual([
    'bot.connected',
    ...['bot.disconnected', 'bot.connected', 'bot.disconnected', 'bot.connected', 'bot.disconnected', 'bot.connected'],
  ]);
  expect(connections[0]?.attributes['audit.target.id']).toBe(`discord:${account.id}/0`);
});

test('a bot that can not start says so as ever, and that is recorded', async () => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const start = (nodeOptions: readonly string[]) => {
    const env = { DISCORD_TOKEN: `${account.token.slice(0, -1)}_` };
    return BotRun.start(fixture('discordjs/assistant.mjs'), botOf(discord, account, { env, nodeOptions }));
  };
  const [audited, plain] = await Promise.all([start(['--import', REGISTER]), start([])]);
  expect(await audited.exited).toEqual(await plain.exited);
  const records = await readRecords(audited.directory);
  const about = aboutBots(records).map(({ event, attributes: of }) => [event, of['audit.outcome'], of['error.type']]);
  expect(about).toEqual([
    ['bot.started', 'failure', 'DiscordjsError'],
    ['bot.crashed', 'failure', 'DiscordjsError'],
  ]);
});
