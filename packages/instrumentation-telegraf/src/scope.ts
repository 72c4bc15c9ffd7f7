import { type BotScope, read } from '@botaudit/instrumentation';
import { telegramScopes } from '@botaudit/platform-telegram';

export const FRAMEWORK = 'telegraf';

const scopes = telegramScopes(FRAMEWORK);

/** Which bot an instance of `Telegraf` is. */
export function scopeOfBot(bot: unknown): BotScope {
  return scopes(read(bot, 'telegram', 'token'), read(bot, 'botInfo'));
}

/** Which bot an instance of `Telegram` acts for. */
export function scopeOfClient(client: unknown): BotScope {
  return scopes(read(client, 'token'));
}
