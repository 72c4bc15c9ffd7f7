import { Client, type ClientOptions, GatewayIntentBits, REST } from 'discord.js';
import { onTestFinished } from 'vitest';
import { type BotAccount, DiscordServer } from '../index.ts';

/** A Discord that ends with the test. */
export async function startDiscord(): Promise<DiscordServer> {
  const discord = await DiscordServer.start();
  onTestFinished(() => discord.stop());
  return discord;
}

const { Guilds, GuildMembers, GuildMessages, MessageContent, DirectMessages } = GatewayIntentBits;

/** A real client of discord.js, which is connected until the test ends. */
export async function connect(
  discord: DiscordServer,
  account: BotAccount,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = new Client({
    intents: [Guilds, GuildMembers, GuildMessages, MessageContent, DirectMessages],
    rest: { api: discord.url, retries: 0 },
    ...options,
  });
  onTestFinished(() => client.destroy());
  const ready = new Promise((resolve) => client.once('clientReady', resolve));
  await client.login(account.token);
  await ready;
  return client as Client<true>;
}

/** Requests of a bot's, without a client. */
export function restOf(discord: DiscordServer, token: string): REST {
  return new REST({ api: discord.url, retries: 0 }).setToken(token);
}
