import { type BotScope, read } from '@botaudit/instrumentation';
import { botIdOfToken, discordId, discordScopes, nameBot, readSnowflake } from '@botaudit/platform-discord';

export const FRAMEWORK = 'discord.js';

const scopes = discordScopes(FRAMEWORK);

/** Whose token each `REST` was given. */
const owners = new WeakMap<object, string>();

/** A `REST` acts for this token's bot from now on; that a token is taken from it again does not change whose it was. */
export function noteToken(rest: object, token: unknown): void {
  const id = botIdOfToken(token);
  if (id !== undefined) owners.set(rest, id);
}

/** Which bot an instance of `REST` acts for. */
export function scopeOfRest(rest: object): BotScope {
  return scopes(owners.get(rest));
}

/** Which bot an instance of `Client` is: its user, once it is connected, else the one that its token is of. */
export function scopeOfClient(client: object): BotScope {
  const user = readSnowflake(client, 'user', 'id');
  if (user !== undefined) return scopes(discordId(user));
  return scopeOfRest(read(client, 'rest') as object);
}

/** A client has learnt who it is. */
export function nameClient(client: object): void {
  nameBot(read(client, 'user'));
}
