import * as telegraf from 'telegraf';
import { auditWith, TelegramStage, useStageOf } from '../../platform-telegram/test/stage.js';
import { TELEGRAF_MODULES } from '../src/modules.js';

/** Audits what Telegraf exports, as the preload flag does. */
export function audit(exports: object): void {
  auditWith(TELEGRAF_MODULES, 'telegraf', exports);
}

audit(telegraf);

type Options = Partial<telegraf.Telegraf.Options<telegraf.Context>>;

class Stage extends TelegramStage {
  readonly bot: telegraf.Telegraf = this.newBot();

  /** A bot of Telegraf's that talks to this Telegram. */
  newBot(account = this.account, options: Options = {}): telegraf.Telegraf {
    return new telegraf.Telegraf(account.token, {
      ...options,
      telegram: { apiRoot: this.telegram.url, ...options.telegram },
    });
  }

  /** Launches the bot with what was set up, runs `act`, and stops it when it has done what `act` waits for. */
  async run(act: () => Promise<unknown>, bot: Pick<telegraf.Telegraf, 'launch' | 'stop'> = this.bot): Promise<void> {
    const running = bot.launch();
    try {
      await this.telegram.awaitPolling(this.account);
      await act();
    } finally {
      bot.stop();
      await running.catch(() => {});
    }
  }
}

export const useStage = () => useStageOf(Stage);
