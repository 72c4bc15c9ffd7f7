import * as grammy from 'grammy';
import { auditWith, TelegramStage, useStageOf } from '../../platform-telegram/test/stage.js';
import { GRAMMY_MODULES } from '../src/modules.js';

/** Audits a module's exports, as the preload flag does. */
export function audit(module: string, exports: object): void {
  auditWith(GRAMMY_MODULES, module, exports);
}

audit('grammy', grammy);

class Stage extends TelegramStage<grammy.Bot> {
  readonly bot = this.newBot();
  readonly ApiError = grammy.GrammyError;

  override codeOf(error: unknown): number | undefined {
    return error instanceof grammy.GrammyError ? error.error_code : undefined;
  }

  override newBot(account = this.account, config: grammy.BotConfig<grammy.Context> = {}): grammy.Bot {
    return new grammy.Bot(account.token, { ...config, client: { apiRoot: this.telegram.url, ...config.client } });
  }

  override start(bot: grammy.Bot): Promise<void> {
    return bot.start();
  }

  override clientOf({ api }: grammy.Bot | grammy.Context): grammy.Api {
    return api;
  }

  override onError(bot: grammy.Bot, listener: (error: unknown) => void): void {
    bot.catch(({ error }) => listener(error));
  }
}

export const useStage = () => useStageOf(Stage);
