import { activeContext, runAs } from '@botaudit/api';
import { patchModule } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { DISCORDJS_MODULES } from '../src/modules.js';
import { useStage } from './setup.js';

const stage = useStage();

test('what is dispatched before a client is ready is recorded when it is handled, once', async () => {
  const { account, ada, channel, backend, discord } = stage.current;
  const client = stage.current.newClient();
  const handled: unknown[] = [];
  client.on('interactionCreate', () => {
    handled.push(activeContext()?.actor?.id);
    discord.world.signal.notify();
  });
  const login = client.login(account.token);
  await discord.until(() => discord.gateway.sessionsOf(account).length > 0);
  Reflect.set(client.ws, 'status', 3);
  ada.runs(account, channel, 'early');
  await login;
  await stage.current.records('bot.command');
  await discord.until(() => handled.length === 1);
  expect(handled).toEqual([`discord:${ada.id}`]);
  expect(backend.named('bot.command')).toHaveLength(1);
  await client.destroy();
});

test('what waits until a client is ready is not done in the name of whoever is handled before it', async () => {
  const { account, ada, bob, channel, guild } = stage.current;
  const client = stage.current.newClient();
  const handled: unknown[] = [];
  client.on('interactionCreate', () => handled.push(activeContext()?.actor?.id));
  client.on('typingStart', () => handled.push(activeContext()?.actor));
  await stage.current.run(client, async () => {
    const member = { user: { id: bob.id, username: 'bob' }, roles: [] };
    const typing = { channel_id: channel.id, guild_id: guild.id, user_id: bob.id, timestamp: 1, member };
    Reflect.set(client.ws, 'status', 3);
    ada.runs(account, channel, 'early');
    await expect.poll(() => Reflect.get(client.ws, 'packetQueue')).toHaveLength(1);
    const handle = (...args: unknown[]) => Reflect.apply(Reflect.get(client.ws, 'handlePacket'), client.ws, args);
    handle({ t: 'TYPING_START', d: typing }, client.ws.shards.first());
    Reflect.set(client.ws, 'status', 0);
    handle();
    await expect.poll(() => handled).toEqual([`discord:${ada.id}`, undefined]);
  });
});

test.each(['mark', 'block'] as const)('an interaction that is dispatched twice, with %s', async (onDuplicate) => {
  const { account, ada, channel, backend, discord } = stage.current;
  backend.policy['bot.command'] = { onDuplicate };
  const client = stage.current.newClient();
  let handled = 0;
  client.on('interactionCreate', () => {
    handled++;
    discord.world.signal.notify();
  });
  await stage.current.run(client, async () => {
    let packet: unknown;
    client.on('raw', (raw: unknown) => {
      if (Reflect.get(Object(raw), 't') === 'INTERACTION_CREATE') packet = raw;
    });
    ada.runs(account, channel, 'start');
    await discord.until(() => handled === 1);
    const again = Reflect.apply(Reflect.get(client.ws, 'handlePacket'), client.ws, [packet, client.ws.shards.first()]);
    expect(again).toBe(true);
  });
  expect(handled).toBe(onDuplicate === 'mark' ? 2 : 1);
  const [first, second] = backend.named('bot.command');
  expect(second).toMatchObject({
    outcome: onDuplicate === 'mark' ? 'success' : 'failure',
    attributes: { 'bot.duplicate': true, 'bot.duplicate.of': first?.id },
  });
});

test('what waits until a client is ready is handed over, too, when a duplicate is not handled', async () => {
  const { account, ada, channel, backend } = stage.current;
  backend.policy['bot.command'] = { onDuplicate: 'block' };
  const client = stage.current.newClient();
  const handled: string[] = [];
  client.on('interactionCreate', ({ id }) => void handled.push(id));
  await stage.current.run(client, async () => {
    const packets: unknown[] = [];
    client.on('raw', (raw: unknown) => void packets.push(raw));
    const first = ada.runs(account, channel, 'start');
    await expect.poll(() => handled).toEqual([first.id]);
    Reflect.set(client.ws, 'status', 3);
    const early = ada.runs(account, channel, 'early');
    await expect.poll(() => Reflect.get(client.ws, 'packetQueue')).toHaveLength(1);
    Reflect.set(client.ws, 'status', 0);
    const packet = packets.find((raw) => Reflect.get(Object(Reflect.get(Object(raw), 'd')), 'id') === first.id);
    Reflect.apply(Reflect.get(client.ws, 'handlePacket'), client.ws, [packet, client.ws.shards.first()]);
    await expect.poll(() => handled).toEqual([first.id, early.id]);
  });
});

test('guilds that a client is told of when it connects are none that it was added to', async () => {
  const { account, ada, backend, discord } = stage.current;
  await stage.current.run(stage.current.newClient(), async () => {
    expect(backend.named('bot.event')).toEqual([]);
    const guild = discord.addGuild({ owner: ada });
    discord.feed.join(guild, account.user);
    const [joined] = await stage.current.records('bot.event');
    expect(joined).toMatchObject({ action: 'JOIN', target: { id: `discord:${guild.id}`, type: 'guild' } });
  });
});

test('runAs holds for the answer to the interaction that is being handled', async () => {
  const { account, ada, bob, channel } = stage.current;
  const client = stage.current.newClient();
  client.on('interactionCreate', (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    runAs({ id: `discord:${bob.id}`, type: 'user' }, () => interaction.reply('on behalf'));
  });
  await stage.current.run(client, async () => {
    ada.runs(account, channel, 'start');
    const [sent] = await stage.current.records('bot.message.send');
    expect(sent?.actor).toMatchObject({ id: `discord:${bob.id}`, assurance: 'asserted' });
  });
});

test('an event with members that throw is handled as without audit', async () => {
  const { account, backend } = stage.current;
  const client = stage.current.newClient();
  await stage.current.run(client, async () => {
    const hostile = Object.defineProperty({}, 'guild_id', {
      enumerable: true,
      get() {
        throw new RangeError('theirs');
      },
    });
    const handle = (packet: unknown) => Reflect.apply(Reflect.get(client.ws, 'handlePacket'), client.ws, [packet]);
    expect(() => handle({ t: 'MESSAGE_DELETE', d: hostile })).toThrow('theirs');
    expect(handle(undefined)).toBe(true);
    expect(handle({ t: 'NOVELTY', d: JSON.parse('{"__proto__": {"id": "1"}}') })).toBe(true);
    expect(() => handle({ t: '__proto__', d: {} })).toThrow(/is not a function/);
  });
  expect(backend.errors).toEqual([]);
  expect(backend.bots).toContainEqual({ id: `discord:${account.id}`, platform: 'discord', name: '@moderator' });
});

test('queueRequest by itself is recorded too, and what request makes of it is not recorded twice', async () => {
  const { channel, backend } = stage.current;
  const rest = stage.current.newRest();
  const options = { method: 'POST', fullRoute: `/channels/${channel.id}/messages`, body: { content: 'x' } } as never;
  expect((await rest.queueRequest(options)).status).toBe(200);
  expect(backend.named('bot.message.send')).toHaveLength(1);
  await rest.request(options);
  expect(backend.named('bot.message.send')).toHaveLength(2);
  await expect(rest.request(undefined as never)).rejects.toThrow(TypeError);
});

test('a version that is not supported is announced once and left alone', () => {
  const { backend } = stage.current;
  class Client {
    login(): string {
      return 'theirs';
    }
  }
  const [discordjs] = DISCORDJS_MODULES;
  if (!discordjs) throw new Error('nothing is patched');
  const { login } = Client.prototype;
  for (let i = 0; i < 2; i++) patchModule(discordjs, { Client }, '15.0.0');
  expect(Client.prototype.login).toBe(login);
  expect(backend.frameworks).toEqual([{ name: 'discord.js', version: '15.0.0', supported: false }]);
});
