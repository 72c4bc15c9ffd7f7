import type { Actor } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';
import { idOf, readId, slackId } from './ids.js';

const UNKNOWN: Actor = { id: 'unknown', type: 'user' };
/** Whoever it was, Slack does not tell apps. */
export const ANONYMOUS: Actor = { id: 'anonymous', type: 'user' };

/** Who did something, by the user that a payload names: as an id, or as an object with one. */
export function userActor(user: unknown): Actor {
  const id = idOf(user);
  return id === undefined ? UNKNOWN : { id: slackId(id), type: 'user' };
}

/** Nobody in particular: Slack says how something stands in a workspace. */
export function workspaceActor(body: unknown): Actor {
  const team = readId(body, 'team_id') ?? readId(body, 'enterprise_id');
  return team === undefined ? UNKNOWN : { id: slackId(team), type: 'system' };
}

/** Who wrote a message: an app, by its user where it has one, or a person. */
export function messageActor(message: unknown): Actor {
  const [user, bot] = [readId(message, 'user'), readId(message, 'bot_id')];
  if (bot === undefined) return userActor(user);
  return { id: slackId(user ?? bot), type: 'service' };
}

/** Members by which events name whoever caused them, the most telling first. */
const CAUSES = ['user', 'user_id', 'actor_id', 'creator', 'inviter'] as const;

/** Who caused an event that names somebody, or else the workspace that it is about. */
export function eventActor(event: unknown, body: unknown): Actor {
  for (const key of CAUSES) {
    const id = idOf(read(event, key));
    if (id !== undefined) return { id: slackId(id), type: 'user' };
  }
  return workspaceActor(body);
}
