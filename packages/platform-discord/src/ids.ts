import type { Target } from '@botaudit/api';
import { readId } from '@botaudit/instrumentation';

export const PLATFORM = 'discord';

/** Whatever has an id at Discord has one of these; anything else in its place may be a secret, and is nobody's id. */
const SNOWFLAKE = /^\d{1,20}$/;

export function isSnowflake(text: string): boolean {
  return SNOWFLAKE.test(text);
}

/** Reads an id of Discord's; `undefined` for anything else. */
export function readSnowflake(value: unknown, ...path: readonly string[]): string | undefined {
  const id = readId(value, ...path);
  return id !== undefined && isSnowflake(id) ? id : undefined;
}

/** `discord:<id>`, of a user, a channel, a guild, or whatever else has an id there. */
export function discordId(id: string): string {
  return `${PLATFORM}:${id}`;
}

/** A thing within another, such as a message in a channel: `discord:<channel>/<id>`. */
function idWithin(place: string, id: string): string {
  return discordId(`${place}/${id}`);
}

export function target(type: string, id: string | undefined): Target | undefined {
  return id === undefined ? undefined : { id: discordId(id), type };
}

/** A message, by its channel and id. */
export function messageTarget(channel: string | undefined, id: string | undefined): Target | undefined {
  return channel === undefined || id === undefined ? undefined : { id: idWithin(channel, id), type: 'message' };
}

/** The bot that a token belongs to: its first part is the bot's id in Base64, which is no secret. */
export function botIdOfToken(token: unknown): string | undefined {
  const first = typeof token === 'string' ? /^(?:Bot )?([\w-]{1,32})={0,2}\./.exec(token)?.[1] : undefined;
  const id = first === undefined ? '' : Buffer.from(first, 'base64').toString('latin1');
  return isSnowflake(id) ? discordId(id) : undefined;
}
