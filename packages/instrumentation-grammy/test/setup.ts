import * as grammy from 'grammy';
import { auditWith, TelegramStage, useStageOf } from '../../platform-telegram/test/stage.js';
import { GRAMMY_MODULES } from '../src/modules.js';

/** Audits a module's exports, as the preload flag does. */
export function audit(module: string, exports: object): void {
  auditWith(GRAMMY_MODULES, module, exports);
}

audit('grammy', grammy);

class Stage extends TelegramStage {
  readonly bot: grammy.Bot = this.newBot();

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
}

export const useStage = () => useStageOf(Stage);
