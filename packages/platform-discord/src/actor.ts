import type { Actor } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';
import { discordId, readSnowflake } from './ids.js';

const UNKNOWN: Actor = { id: 'unknown', type: 'user' };
/** Whoever it was, the gateway does not tell: only the guild's audit log does. */
export const ANONYMOUS: Actor = { id: 'anonymous', type: 'user' };
/** Discord itself. */
export const SYSTEM: Actor = { id: discordId('0'), type: 'system' };

/** Who did something, by a user as the gateway describes one. */
export function userActor(user: unknown): Actor {
  const id = readSnowflake(user, 'id');
  if (id === undefined) return UNKNOWN;
  return { id: discordId(id), type: read(user, 'bot') === true ? 'service' : 'user' };
}

/** Who did something, by an id. */
export function actorOfId(id: string | undefined): Actor {
  return id === undefined ? UNKNOWN : { id: discordId(id), type: 'user' };
}

/** Who wrote a message: a webhook, or a user. */
export function authorActor(message: unknown): Actor {
  const [webhook, application] = [readSnowflake(message, 'webhook_id'), readSnowflake(message, 'application_id')];
  // What answers an interaction goes through a webhook of the application's, and is the bot's.
  if (webhook !== undefined && webhook !== application) return { id: discordId(webhook), type: 'service' };
  return userActor(read(message, 'author'));
}

/** Who did something, as events say that tell of a user in a guild or alone. */
export function memberActor(payload: unknown): Actor {
  const user = read(payload, 'member', 'user') ?? read(payload, 'user');
  if (user !== undefined) return userActor(user);
  return actorOfId(readSnowflake(payload, 'user_id'));
}
