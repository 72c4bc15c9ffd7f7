import { registerBackend, unregisterBackend } from '@botaudit/api';
import { type AuditedModule, patchModule } from '@botaudit/instrumentation';
import { afterEach, beforeEach } from 'vitest';
import {
  type BotAccount,
  type Person,
  type TelegramChat,
  TelegramServer,
} from '../../../test/platforms/telegram/index.ts';
import { FakeBackend, type KeptRecord } from '../../instrumentation/test/fake-backend.js';
import type {
  FrameworkApiErrorClass,
  FrameworkBot,
  FrameworkClient,
  FrameworkContext,
  Stoppable,
} from './frameworks/bot.js';

/** Audits a module's exports, as the preload flag does. */
export function auditWith(modules: readonly AuditedModule[], module: string, exports: object): void {
  const audited = modules.find((candidate) => candidate.module === module);
  if (!audited) throw new Error(`nothing is known of ${module}`);
  patchModule(audited, exports, undefined);
}

/** What is known of a bot is known for the thread's life: each test has another one. */
let nextBotId = 7_000_000_001;

/**
 * A Telegram with a bot's account, a group that it administers, and two people in it; an audit backend in memory. The
 * tests of each framework add its bot.
 *
 * @typeParam Runnable what can be started: bots of the framework, whichever version of it they are made with.
 */
export abstract class TelegramStage<Runnable extends Stoppable = Stoppable> {
  /** The account's bot, not started yet. */
  abstract readonly bot: FrameworkBot & Runnable;
  readonly backend: FakeBackend;
  readonly telegram: TelegramServer;
  readonly account: BotAccount;
  readonly ada: Person;
  readonly bob: Person;
  readonly group: TelegramChat;

  constructor(telegram: TelegramServer, backend: FakeBackend) {
    this.telegram = telegram;
    this.backend = backend;
    this.account = telegram.addBot({ name: 'Moderator', id: nextBotId++ });
    this.ada = telegram.addUser({ name: 'Ada' });
    this.bob = telegram.addUser({ name: 'Bob' });
    this.group = telegram.addGroup({ owner: this.ada, admins: [this.account], members: [this.bob] });
    const write = backend.write.bind(backend);
    backend.write = (event) => {
      const id = write(event);
      telegram.world.signal.notify();
      return id;
    };
  }

  /** The class of errors that say what the Bot API refused. */
  abstract readonly ApiError: FrameworkApiErrorClass;

  /** The Bot API's code in an error of that class; `undefined` of any other. */
  abstract codeOf(error: unknown): number | undefined;

  /** A bot of the framework's that talks to this Telegram; the stage's own account's by default. */
  abstract newBot(account?: BotAccount): FrameworkBot & Runnable;

  /** Has the bot poll, as its framework calls it; resolves when it has ended. */
  abstract start(bot: Runnable): Promise<unknown>;

  /** The client that a bot, or a handler's context, calls Telegram with. */
  abstract clientOf(caller: FrameworkBot | FrameworkContext): FrameworkClient;

  /** Has the bot's error handler hand on what a handler threw. */
  abstract onError(bot: FrameworkBot, listener: (error: unknown) => void): void;

  /** The bot's client. */
  get client(): FrameworkClient {
    return this.clientOf(this.bot);
  }

  /** Starts the bot with what was set up, runs `act`, and stops it when it has done what `act` waits for. */
  async run(act: () => Promise<unknown>, bot: Runnable = this.bot): Promise<void> {
    const running = this.start(bot);
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

  /** The records of the bot's life: event, outcome, class of the error. */
  get life(): unknown[][] {
    return this.backend.records
      .filter(({ name }) => /^bot\.(started|stopping|stopped|crashed)$/.test(name))
      .map(({ name, outcome, attributes }) => [name, outcome, attributes['error.type']]);
  }
}

/** Where the tests of a file find the stage that was made for the one that runs. */
export interface StageHolder<S = TelegramStage> {
  readonly current: S;
}

/** A fresh stage for every test of the file that calls this. */
export function useStageOf<S extends TelegramStage>(
  Stage: new (telegram: TelegramServer, backend: FakeBackend) => S,
): StageHolder<S> {
  const holder = {} as { current: S };
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
