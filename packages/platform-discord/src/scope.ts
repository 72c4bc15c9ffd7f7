import { announceBot, type BotScope, botScope, readId } from '@botaudit/instrumentation';
import { discordId, PLATFORM, readSnowflake } from './ids.js';

/** The scope of a framework's bot with this id, `discord:<id>`; `undefined` where it isn't known yet. */
export type DiscordScopes = (id: string | undefined) => BotScope;

/** The scopes of a framework's bots, each made once. Tells the backend of them. */
export function discordScopes(framework: string): DiscordScopes {
  const scopes = new Map<string | undefined, BotScope>();
  return (id) => {
    const known = scopes.get(id);
    if (known) return known;
    const scope = botScope(framework, PLATFORM, id);
    scopes.set(id, scope);
    if (id !== undefined) announceBot({ id, platform: PLATFORM });
    return scope;
  };
}

/** Tells the backend the bot's name, as Discord says it of the bot's user. */
export function nameBot(user: unknown): void {
  const [id, username] = [readSnowflake(user, 'id'), readId(user, 'username')];
  if (id !== undefined) announceBot({ id: discordId(id), platform: PLATFORM, name: username && `@${username}` });
}
