import { announceBot, type BotScope, botScopes, readId } from '@botaudit/instrumentation';
import { botIdOfToken, PLATFORM, telegramId } from './ids.js';

/**
 * Which bot it is, by what an instance of a framework knows: its token, of which only the digits before the colon are
 * looked at, or else what `getMe` said of it. Tells the backend of it.
 */
export type TelegramScopes = (token: unknown, me?: unknown) => BotScope;

/** The scopes of a framework's bots, each made once. */
export function telegramScopes(framework: string): TelegramScopes {
  const scopes = botScopes(framework, PLATFORM);
  return (token, me) => {
    const number = readId(me, 'id');
    const id = botIdOfToken(token) ?? (number === undefined ? undefined : telegramId(number));
    return scopes(id, nameOf(me));
  };
}

/** Tells the backend the bot's name, as far as `me`, what `getMe` said, knows it. */
export function nameBot({ id }: BotScope, me: unknown): void {
  if (id !== undefined) announceBot({ id, platform: PLATFORM, name: nameOf(me) });
}

function nameOf(me: unknown): string | undefined {
  const username = readId(me, 'username');
  return username && `@${username}`;
}
