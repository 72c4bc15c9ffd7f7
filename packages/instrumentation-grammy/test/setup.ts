import { registerBackend, unregisterBackend } from '@botaudit/api';
import { patchModule } from '@botaudit/instrumentation';
import * as grammy from 'grammy';
import { afterEach, beforeEach } from 'vitest';
import { type BotAccount, type TelegramChat, TelegramServer } from '../../../test/platforms/telegram/index.ts';
import type { Person } from '../../../test/platforms/telegram/person.ts';
import { FakeBackend, type KeptRecord } from '../../instrumentation/test/fake-backend.js';
import { GRAMMY_MODULES } from '../src/modules.js';

/** Audits a module's exports, as the preload flag does. */
export function audit(module: string, exports: object): void {
  const audited = GRAMMY_MODULES.find((candidate) => candidate.module === module);
  if (!audited) throw new Error(`nothing is known of ${module}`);
  patchModule(audited, exports, undefined);
}

audit('grammy', grammy);

/** What is known of a bot is known for the thread's life: each test has another one. */
let nextBotId = 7_000_000_001;

/** A Telegram with a bot, a group that it administers, and two people in it; an audit backend in memory. */
export class Stage {
  readonly backend: FakeBackend;
  readonly telegram: TelegramServer;
  readonly account: BotAccount;
  readonly ada: Person;
  readonly bob: Person;
  readonly group: TelegramChat;
  readonly bot: grammy.Bot;

  constructor(telegram: TelegramServer, backend: FakeBackend) {
    this.telegram = telegram;
    this.backend = backend;
    this.account = telegram.addBot({ name: 'Moderator', id: nextBotId++ });
    this.ada = telegram.addUser({ name: 'Ada' });
    this.bob = telegram.addUser({ name: 'Bob' });
    this.group = telegram.addGroup({ owner: this.ada, admins: [this.account], members: [this.bob] });
    this.bot = this.newBot();
    const write = backend.write.bind(backend);
    backend.write = (event) => {
      const id = write(event);
      telegram.world.signal.notify();
      return id;
    };
  }

  /** A bot of grammY's that talks to this Telegram. */
  newBot(account = this.account, config: grammy.BotConfig<grammy.Context> = {}): grammy.Bot {
    return new grammy.Bot(account.token, { ...config, client: { apiRoot: this.telegram.url, ...config.client } });
  }

  /** Starts the bot with what was set up, runs `act`, and stops it when it has done what `act` waits for. */
  async run(act: () => Promise<unknown>, bot = this.bot): Promise<void> {
    const running = bot.start();
    try {
      await this.telegram.awaitPolling(this.account);
      await act();
    } finally {
      await bot.stop();
      await running.catch(() => {});
    }
  }

  /** Waits until the records of this event are as many as wanted. */
  async records(name: string, count = 1): Promise<KeptRecord[]> {
    const found = () => this.backend.named(name);
    const what = `${count} of ${name}`;
    await this.telegram.until(() => found().length >= count, { what });
    return found();
  }

  /** The records but those of the bot's life and of setting it up. */
  get done(): KeptRecord[] {
    const setup = ['getMe', 'deleteWebhook'];
    return this.backend.records.filter(
      (record) =>
        !/^bot\.(started|stopping|stopped|crashed)$/.test(record.name) &&
        !setup.includes(String(record.attributes['bot.api.method'])),
    );
  }
}

/** A fresh stage for every test of the file that calls this. */
export function useStage(): { readonly current: Stage } {
  const holder = {} as { current: Stage };
  beforeEach(async () => {
    const backend = new FakeBackend();
    registerBackend(backend);
    holder.current = new Stage(await TelegramServer.start(), backend);
  });
  afterEach(async () => {
    unregisterBackend();
    await holder.current.telegram.stop();
  });
  return holder;
}
