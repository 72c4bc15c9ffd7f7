import * as telegraf from 'telegraf';
import { auditWith, TelegramStage, useStageOf } from '../../platform-telegram/test/stage.js';
import { TELEGRAF_MODULES } from '../src/modules.js';

/** Audits what Telegraf exports, as the preload flag does. */
export function audit(exports: object): void {
  auditWith(TELEGRAF_MODULES, 'telegraf', exports);
}

audit(telegraf);

type Options = Partial<telegraf.Telegraf.Options<telegraf.Context>>;

class Stage extends TelegramStage<Pick<telegraf.Telegraf, 'launch' | 'stop'>> {
  readonly bot = this.newBot();
  readonly ApiError = telegraf.TelegramError;

  override codeOf(error: unknown): number | undefined {
    return error instanceof telegraf.TelegramError ? error.code : undefined;
  }

  override newBot(account = this.account, options: Options = {}): telegraf.Telegraf {
    return new telegraf.Telegraf(account.token, {
      ...options,
      telegram: { apiRoot: this.telegram.url, ...options.telegram },
    });
  }

  override start(bot: Pick<telegraf.Telegraf, 'launch' | 'stop'>): Promise<void> {
    return bot.launch();
  }

  override clientOf({ telegram }: telegraf.Telegraf | telegraf.Context): telegraf.Telegram {
    return telegram;
  }

  override onError(bot: telegraf.Telegraf, listener: (error: unknown) => void): void {
    bot.catch(listener);
  }
}

export const useStage = () => useStageOf(Stage);
