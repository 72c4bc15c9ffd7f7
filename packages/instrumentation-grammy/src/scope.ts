import { type BotScope, read } from '@botaudit/instrumentation';
import { telegramScopes } from '@botaudit/platform-telegram';

export const FRAMEWORK = 'grammy';

const scopes = telegramScopes(FRAMEWORK);

/** Which bot an instance of `Bot` or `Api` is, or acts for. */
export function scopeOf(instance: unknown): BotScope {
  return scopes(read(instance, 'token'), read(instance, 'me'));
}
