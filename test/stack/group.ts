import type { Message } from 'grammy/types';
import { onTestFinished } from 'vitest';
import { type BotAccount, type TelegramChat, TelegramServer } from '../platforms/telegram/index.ts';

/** A group on a loopback Telegram, where a bot keeps order. */
export class Group {
  readonly telegram: TelegramServer;
  readonly bot: BotAccount;
  #newcomers = 0;

  private constructor(telegram: TelegramServer) {
    this.telegram = telegram;
    this.bot = telegram.addBot({ name: 'Moderator', readsAllMessages: true });
  }

  /** A group that is gone when the test has ended. */
  static async open(): Promise<Group> {
    const telegram = await TelegramServer.start();
    onTestFinished(() => telegram.stop());
    return new Group(telegram);
  }

  /**
   * What happens on a bad day, `times` over, each in a chat of its own: a newcomer is warned until they are muted, then
   * banned by a press of a button. Settles when the bot has done its part.
   */
  async quarrels(times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.#quarrel();
  }

  /** Settles when the bot has dealt with all that happened, and asks for more. */
  async calm(): Promise<void> {
    const { queue } = this.bot;
    await this.telegram.until(() => queue.pending.length === 0 && queue.polled);
  }

  async #quarrel(): Promise<void> {
    const { telegram, bot } = this;
    const owner = telegram.addUser({ name: `Olga ${++this.#newcomers}` });
    const rude = telegram.addUser({ name: `Rude ${this.#newcomers}` });
    const chat = telegram.addGroup({ title: `Gardeners ${this.#newcomers}`, owner, admins: [bot] });
    rude.joins(chat);
    const insult = rude.says(chat, 'Your roses are ugly.');
    for (let warning = 0; warning < 3; warning++) owner.says(chat, '/warn', { replyTo: insult });
    await this.#answer(chat, 'is muted');
    owner.says(chat, '/ban', { replyTo: insult });
    owner.presses(await this.#answer(chat, 'for good?'), 'Ban');
    await this.#answer(chat, 'Banned by');
  }

  #answer(chat: TelegramChat, words: string): Promise<Message> {
    return chat.awaitMessage((message) => message.text?.includes(words) ?? false, { what: `"${words}" from the bot` });
  }
}
