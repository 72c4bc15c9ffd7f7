import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();
const UNAVAILABLE = { name: 'AuditUnavailableError', code: 'ERR_AUDIT_UNAVAILABLE' };

test('a request that can not be recorded is not made, and its caller gets the error itself', async () => {
  const { discord, backend, guild, channel, bob } = stage.current;
  const rest = stage.current.newRest();
  const ban = () => rest.put(`/guilds/${guild.id}/bans/${bob.id}`);
  backend.policy['bot.member.ban'] = { failClosed: true };
  backend.unavailable = true;
  await expect(ban()).rejects.toMatchObject(UNAVAILABLE);
  expect(discord.log.of('PUT /guilds/:id/bans/:id')).toEqual([]);
  await rest.post(`/channels/${channel.id}/messages`, { body: { content: 'hello' } });
  backend.unavailable = false;
  await ban();
  expect(guild.bans.has(bob.id)).toBe(true);
});

test('an event that can not be recorded is held, and handled once it can', async () => {
  const { account, ada, channel, backend, discord } = stage.current;
  const client = stage.current.newClient();
  const handled: string[] = [];
  client.on('interactionCreate', (interaction) => {
    handled.push(interaction.id);
    discord.world.signal.notify();
  });
  backend.policy['bot.command'] = { failClosed: true };
  await stage.current.run(client, async () => {
    backend.unavailable = true;
    const command = ada.runs(account, channel, 'first');
    await discord.until(() => stage.current.refusals >= 2);
    expect(handled).toEqual([]);
    backend.unavailable = false;
    await discord.until(() => handled.length === 1);
    expect(handled).toEqual([command.id]);
  });
  expect(backend.named('bot.command')).toHaveLength(1);
});

test('a client that ends while it holds an event gives it up, and nothing is thrown at it', async () => {
  const { account, ada, channel, backend, discord } = stage.current;
  const client = stage.current.newClient();
  client.on('interactionCreate', () => expect.fail('it was handled'));
  backend.policy['bot.command'] = { failClosed: true };
  await stage.current.run(client, async () => {
    backend.unavailable = true;
    ada.runs(account, channel, 'first');
    await discord.until(() => stage.current.refusals >= 2);
  });
  backend.unavailable = false;
  expect(backend.named('bot.command')).toEqual([]);
});
