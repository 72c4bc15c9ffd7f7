import { announceBot, type BotScope, botScope, read, readId } from '@botaudit/instrumentation';
import { botIdOfToken, PLATFORM, telegramId } from '@botaudit/platform-telegram';

export const FRAMEWORK = 'grammy';

const scopes = new Map<string | undefined, BotScope>();

/**
 * Which bot this is, by what an instance of `Bot` or `Api` knows: its token, or else `me`. Tells the backend of it.
 *
 * @param instance has a `token`, of which only the id before the colon is looked at.
 */
export function scopeOf(instance: unknown): BotScope {
  const me = read(instance, 'me');
  const number = readId(me, 'id');
  const id = botIdOfToken(read(instance, 'token')) ?? (number === undefined ? undefined : telegramId(number));
  const scope = scopes.get(id) ?? botScope(FRAMEWORK, PLATFORM, id);
  scopes.set(id, scope);
  nameBot(scope, readId(me, 'username'));
  return scope;
}

/** Tells the backend the bot's name, as far as it is known. */
export function nameBot({ id }: BotScope, username: string | undefined): void {
  if (id !== undefined) announceBot({ id, platform: PLATFORM, name: username && `@${username}` });
}
