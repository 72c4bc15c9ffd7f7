import { expect, test } from 'vitest';
import { BotRun, fixture } from './support/bot-run.ts';
import { botOf, expectRequestsAreRecorded, startDiscord } from './support/discord.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';

test.for(['mjs', 'cjs'])('requests of @discordjs/rest alone are recorded, each once: %s', async (kind) => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Registrar' });
  const owner = discord.addUser('Owner');
  const guild = discord.addGuild({ owner, members: [account] });
  const channel = discord.addChannel(guild);
  const env = { CLIENT_ID: account.id, GUILD_ID: guild.id, CHANNEL_ID: channel.id, USER_ID: owner.id };
  const run = await BotRun.start(fixture(`discordjs/register-commands.${kind}`), botOf(discord, account, { env }));
  expect(await run.exited).toEqual({ code: 0, signal: null });
  expect(run.stdout).toBe('Successfully reloaded 1 application (/) commands.\nDiscordAPIError[50013] 403\n');
  const records = await readRecords(run.directory);
  expectChained(records);
  expectRequestsAreRecorded(discord, records);
  const [attempt] = ofEvent(records, 'bot.member.kick');
  expect(attempt?.attributes).toMatchObject({ 'audit.reason': 'why not', 'bot.id': `discord:${account.id}` });
  expect(records.map(({ line }) => line).join('\n')).not.toContain(account.token.split('.')[2]);
});
