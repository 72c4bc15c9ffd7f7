import { announceBot, type BotScopes, botScopes, readId } from '@botaudit/instrumentation';
import { discordId, PLATFORM, readSnowflake } from './ids.js';

/** The scopes of a framework's bots, by their ids, `discord:<id>`. */
export function discordScopes(framework: string): BotScopes {
  return botScopes(framework, PLATFORM);
}

/** Tells the backend the bot's name, as Discord says it of the bot's user. */
export function nameBot(user: unknown): void {
  const [id, username] = [readSnowflake(user, 'id'), readId(user, 'username')];
  if (id !== undefined) announceBot({ id: discordId(id), platform: PLATFORM, name: username && `@${username}` });
}
