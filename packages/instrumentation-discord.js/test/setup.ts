import { registerBackend, unregisterBackend } from '@botaudit/api';
import { patchModule } from '@botaudit/instrumentation';
import * as discord from 'discord.js';
import { afterEach, beforeEach } from 'vitest';
import {
  type BotAccount,
  type Channel,
  DiscordServer,
  type Guild,
  type Person,
} from '../../../test/platforms/discord/index.ts';
import { FakeBackend, type KeptRecord } from '../../instrumentation/test/fake-backend.js';
import { DISCORDJS_MODULES } from '../src/modules.js';

export type Discord = typeof discord;

/** Audits what discord.js exports, which holds what it makes its requests with. */
export function audit(exports: Discord): void {
  for (const audited of DISCORDJS_MODULES) patchModule(audited, exports, undefined);
}

audit(discord);

/** A Discord with a bot that moderates a guild of two people, and an audit backend in memory. */
export class Stage {
  readonly backend: FakeBackend;
  readonly discord: DiscordServer;
  readonly account: BotAccount;
  readonly ada: Person;
  readonly bob: Person;
  readonly guild: Guild;
  readonly channel: Channel;
  /** How often something could not be written. */
  refusals = 0;

  constructor(server: DiscordServer, backend: FakeBackend) {
    this.discord = server;
    this.backend = backend;
    this.account = server.addBot({ name: 'Moderator' });
    this.ada = server.addUser('Ada');
    this.bob = server.addUser('Bob');
    this.guild = server.addGuild({ owner: this.ada, members: [this.bob], moderators: [this.account] });
    this.channel = server.addChannel(this.guild);
    const write = backend.write.bind(backend);
    backend.write = (event) => {
      try {
        return write(event);
      } catch (error) {
        this.refusals += 1;
        throw error;
      } finally {
        server.world.signal.notify();
      }
    };
  }

  newClient({ Client, GatewayIntentBits }: Pick<Discord, 'Client' | 'GatewayIntentBits'> = discord): discord.Client {
    const { Guilds, GuildMembers, GuildMessages, MessageContent } = GatewayIntentBits;
    const intents = [Guilds, GuildMembers, GuildMessages, MessageContent];
    return new Client({ intents, rest: { api: this.discord.url, retries: 0 } });
  }

  newRest(): discord.REST {
    return new discord.REST({ api: this.discord.url, retries: 0 }).setToken(this.account.token);
  }

  /** Connects a client, runs `act`, and ends it. */
  async run(client: discord.Client, act: () => Promise<unknown>): Promise<void> {
    try {
      const ready = new Promise((resolve) => client.once('clientReady', resolve));
      await client.login(this.account.token);
      await ready;
      await act();
    } finally {
      await client.destroy();
    }
  }

  /** Waits until the records of this event are as many as wanted. */
  async records(name: string, count = 1): Promise<KeptRecord[]> {
    const found = () => this.backend.named(name);
    await this.discord.until(() => found().length >= count, { what: `${count} of ${name}` });
    return found();
  }
}

/** A fresh stage for every test of the file that calls this. */
export function useStage(): { readonly current: Stage } {
  const holder = {} as { current: Stage };
  beforeEach(async () => {
    const backend = new FakeBackend();
    registerBackend(backend);
    holder.current = new Stage(await DiscordServer.start(), backend);
  });
  afterEach(async () => {
    unregisterBackend();
    await holder.current.discord.stop();
  });
  return holder;
}
