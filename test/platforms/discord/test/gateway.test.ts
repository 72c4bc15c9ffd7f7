import { once } from 'node:events';
import { GatewayIntentBits } from 'discord.js';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { DiscordServer } from '../index.ts';
import { connect, startDiscord } from './start.ts';

interface Payload {
  readonly op: number;
  readonly t: string | null;
  readonly s: number | null;
  readonly d: Record<string, unknown>;
}

/** A connection without any library. */
async function open(discord: DiscordServer) {
  const { url } = (await (await fetch(`${discord.url}/v10/gateway`)).json()) as { url: string };
  const socket = new WebSocket(url);
  const received: Payload[] = [];
  socket.on('message', (data) => {
    received.push(JSON.parse(data.toString()));
    discord.world.signal.notify();
  });
  await once(socket, 'open');
  const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d }));
  const await_ = (matches: (payload: Payload) => boolean) => discord.until(() => received.find(matches));
  return { socket, received, send, next: await_ };
}

const identify = (token: string, intents = 0) => ({ token, intents, properties: {} });

test('hello, heartbeat, identify, ready, guilds, and what happens, numbered', async () => {
  const discord = await startDiscord();
  const account = discord.addBot();
  const alice = discord.addUser('Alice');
  const guild = discord.addGuild({ owner: alice, members: [account] });
  const channel = discord.addChannel(guild);
  const { received, send, next } = await open(discord);
  expect((await next(({ op }) => op === 10)).d).toEqual({ heartbeat_interval: 41_250 });
  send(1, null);
  await next(({ op }) => op === 11);
  send(2, identify(account.token, GatewayIntentBits.GuildMessages));
  const ready = await next(({ t }) => t === 'READY');
  expect(ready).toMatchObject({ s: 1, d: { user: { id: account.id }, guilds: [{ id: guild.id, unavailable: true }] } });
  await next(({ t, d }) => t === 'GUILD_CREATE' && d.id === guild.id);
  alice.says(channel, 'hello');
  // Without the intent to see contents there are none; and of members nothing is told.
  alice.joins(guild);
  expect(await next(({ t }) => t === 'MESSAGE_CREATE')).toMatchObject({
    s: 3,
    d: { content: '', channel_id: channel.id },
  });
  expect(received.some(({ t }) => t === 'GUILD_MEMBER_ADD')).toBe(false);
});

test('a token that nobody has closes the connection, and so does talking before one has said who one is', async () => {
  const discord = await startDiscord();
  for (const [op, d, code] of [
    [2, identify('x'), 4004],
    [3, {}, 4003],
  ] as const) {
    const { socket, send } = await open(discord);
    const closed = once(socket, 'close');
    send(op, d);
    expect((await closed)[0]).toBe(code);
  }
});

test('a session that is known is resumed with what was missed; one that is not is invalid', async () => {
  const discord = await startDiscord();
  const account = discord.addBot();
  const alice = discord.addUser('Alice');
  const first = await open(discord);
  first.send(2, identify(account.token, GatewayIntentBits.DirectMessages));
  const ready = await first.next(({ t }) => t === 'READY');
  discord.gateway.drop(account);
  await once(first.socket, 'close');
  const missed = alice.tells(account, 'are you there?');
  const second = await open(discord);
  second.send(6, { token: account.token, session_id: ready.d.session_id, seq: 1 });
  await second.next(({ t }) => t === 'RESUMED');
  expect(second.received.filter(({ t }) => t !== null).map(({ t, d }) => [t, d.id])).toEqual([
    ['MESSAGE_CREATE', missed.id],
    ['RESUMED', undefined],
  ]);
  second.send(6, { token: account.token, session_id: 'x', seq: 1 });
  expect((await second.next(({ op }) => op === 9)).d).toBe(false);
});

test('each shard is told of its own guilds', async () => {
  const discord = await startDiscord();
  const account = discord.addBot();
  const guilds = Array.from({ length: 6 }, () => discord.addGuild({ members: [account] }));
  const client = await connect(discord, account, { shards: [0, 1], shardCount: 2 });
  expect(client.guilds.cache.size).toBe(guilds.length);
  for (const { id, shardId } of client.guilds.cache.values()) expect(shardId).toBe(Number((BigInt(id) >> 22n) % 2n));
});
