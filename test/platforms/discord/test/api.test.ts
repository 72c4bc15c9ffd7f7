import { ButtonBuilder, ButtonStyle, type DiscordAPIError, DiscordjsErrorCodes } from 'discord.js';
import { expect, test } from 'vitest';
import { OPTION } from '../index.ts';
import { connect, restOf, startDiscord } from './start.ts';

async function scene() {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Bot' });
  const [alice, mallory] = [discord.addUser('Alice'), discord.addUser('Mallory')];
  const guild = discord.addGuild({ owner: alice, members: [mallory], moderators: [account] });
  const channel = discord.addChannel(guild);
  return { discord, account, alice, mallory, guild, channel, rest: restOf(discord, account.token) };
}

const codeOf = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => undefined,
    (error: DiscordAPIError) => [error.status, error.code],
  );

test('errors have the status and the code that Discord gives them', async () => {
  const { discord, guild, channel, alice, mallory, rest } = await scene();
  const post = (id: string, body: object) => rest.post(`/channels/${id}/messages`, { body });
  expect(await codeOf(post('1', { content: 'x' }))).toEqual([404, 10_003]);
  expect(await codeOf(post(channel.id, {}))).toEqual([400, 50_006]);
  expect(await codeOf(post(channel.id, { content: 'x'.repeat(2_001) }))).toEqual([400, 50_035]);
  expect(await codeOf(rest.put(`/guilds/${guild.id}/bans/${alice.id}`))).toEqual([403, 50_013]);
  expect(await codeOf(rest.delete(`/guilds/${guild.id}/bans/${mallory.id}`))).toEqual([404, 10_026]);
  expect(await codeOf(rest.get('/nowhere'))).toEqual([404, 0]);
  expect(await codeOf(restOf(discord, 'x').get('/users/@me'))).toEqual([401, 0]);
  expect(discord.log.all.map(({ status }) => status)).toEqual([404, 400, 400, 403, 404, 404, 401]);
});

test('a ban takes a member away, and everybody who asked is told, with the reason', async () => {
  const { discord, account, guild, mallory } = await scene();
  const client = await connect(discord, account, { intents: ['Guilds', 'GuildMembers', 'GuildModeration'] });
  const told: unknown[] = [];
  client.on('guildBanAdd', ({ user }) => told.push(user.id));
  client.on('guildMemberRemove', ({ user }) => told.push(user.id));
  client.on('guildAuditLogEntryCreate', ({ executorId, reason }) => {
    told.push(executorId, reason);
    discord.world.signal.notify();
  });
  await client.guilds.cache.get(guild.id)?.members.ban(mallory.id, { reason: 'späm, spam' });
  await discord.until(() => told.length === 4);
  expect(told).toEqual([mallory.id, mallory.id, account.id, 'späm, spam']);
  expect(guild.members.has(mallory.id)).toBe(false);
});

test('an interaction is answered once, in time, and has its answer edited and followed up', async () => {
  const { discord, account, alice, mallory, channel } = await scene();
  const client = await connect(discord, account);
  client.on('interactionCreate', async (interaction) => {
    if (interaction.isButton()) await interaction.update('pressed');
    if (!interaction.isChatInputCommand()) return;
    const who = interaction.options.getUser('who', true);
    const button = new ButtonBuilder().setCustomId('b').setLabel('b').setStyle(ButtonStyle.Primary);
    const sent = await interaction.reply({
      content: who.username,
      components: [{ type: 1, components: [button] }],
      withResponse: true,
    });
    expect(sent.resource?.message?.content).toBe('mallory');
    await interaction.editReply('edited');
    await interaction.followUp('more');
    await expect(interaction.reply('again')).rejects.toMatchObject({
      code: DiscordjsErrorCodes.InteractionAlreadyReplied,
    });
  });
  const asked = alice.runs(account, channel, 'ask', [{ name: 'who', type: OPTION.user, value: mallory.id }]);
  const contents = () => [...channel.messages.values()].map(({ content }) => content);
  await discord.until(() => contents().includes('more'));
  expect(contents()).toEqual(['edited', 'more']);
  const [first] = channel.messages.values();
  if (!first) throw new Error('there is no message');
  alice.presses(account, channel, first, 'b');
  await discord.until(() => contents()[0] === 'pressed');
  const late = { ...asked, since: 0 };
  discord.world.interactions.set(asked.token, { ...late, answer: undefined });
  const answer = () =>
    restOf(discord, account.token).post(`/interactions/${asked.id}/${asked.token}/callback`, {
      auth: false,
      body: { type: 5 },
    });
  expect(await codeOf(answer())).toEqual([404, 10_062]);
  discord.world.interactions.set(asked.token, { ...late, since: Date.now(), answer: {} });
  expect(await codeOf(answer())).toEqual([400, 40_060]);
});

test('a webhook needs no token of a bot’s, and files come with their names', async () => {
  const { discord, channel, rest } = await scene();
  const webhook = (await rest.post(`/channels/${channel.id}/webhooks`, { body: { name: 'news' } })) as Record<
    string,
    string
  >;
  const anybody = restOf(discord, 'x');
  const path = `/webhooks/${webhook.id}/${webhook.token}` as const;
  const files = [{ name: 'a.txt', data: Buffer.from('a') }];
  const query = new URLSearchParams({ wait: 'true' });
  expect(await anybody.post(path, { auth: false, body: { content: 'news' }, files, query })).toMatchObject({
    content: 'news',
    webhook_id: webhook.id,
  });
  expect(discord.log.of('POST /webhooks/:id/:token')[0]?.files).toEqual(['a.txt']);
  expect(await codeOf(anybody.post(`/webhooks/${webhook.id}/x`, { auth: false, body: { content: 'x' } }))).toEqual([
    404, 10_015,
  ]);
});

test('faults hit the request that they are planned for, once', async () => {
  const { discord, channel, rest } = await scene();
  const post = () => rest.post(`/channels/${channel.id}/messages`, { body: { content: 'x' } });
  const route = 'POST /channels/:id/messages';
  discord.failNext(route, { status: 403, code: 50_001 });
  expect(await codeOf(post())).toEqual([403, 50_001]);
  discord.failNext(route, { retryAfter: 0.01 });
  expect(await codeOf(post())).toBeUndefined();
  discord.failNext(route, { reset: 'after' });
  expect(await codeOf(post())).toEqual([undefined, expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/)]);
  expect(channel.messages.size).toBe(2);
  expect(discord.log.of(route).map(({ status }) => status)).toEqual([403, 429, 200, 0]);
});
