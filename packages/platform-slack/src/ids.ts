import type { Target } from '@botaudit/api';
import { readId as readAnyId } from '@botaudit/instrumentation';

export const PLATFORM = 'slack';

/** `slack:<id>`, of a user, a channel, an app, or whatever else has an id there. */
export function slackId(id: string): string {
  return `${PLATFORM}:${id}`;
}

/** Something of which `id` may be known; `undefined` without one. */
export function thing(id: string | undefined, type: string): Target | undefined {
  return id === undefined ? undefined : { id: slackId(id), type };
}

/** A message in a channel, by its timestamp: `slack:<channel>/<ts>`. */
export function messageTarget(channel: string | undefined, ts: string | undefined): Target | undefined {
  return channel === undefined || ts === undefined ? undefined : thing(`${channel}/${ts}`, 'message');
}

/**
 * Reads an id: a string, or a number as one. An address is none: Slack's hold secrets, and a bot may have put one in the
 * place of an id.
 */
export function readId(value: unknown, ...path: readonly string[]): string | undefined {
  const id = readAnyId(value, ...path);
  return id?.includes('//') ? undefined : id;
}

/** An id that stands as itself, or as the `id` of an object. */
export function idOf(value: unknown): string | undefined {
  return readId(value) ?? readId(value, 'id');
}
