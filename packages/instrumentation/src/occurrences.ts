import {
  type AuditBackend,
  AuditUnavailableError,
  activeContext,
  type Decision,
  type Occurrence,
  type OccurrenceQuery,
} from '@botaudit/api';
import { ATTR_BOT_UPDATE_ID, ATTR_BOT_UPDATE_TYPE, ATTR_ERROR_TYPE, actionKey, updateKey } from '@botaudit/record';
import { guard } from './guard.js';
import type { Inbound } from './inbound.js';
import type { Outbound } from './outbound.js';

/** Why something must not happen: it happened before, or nobody can tell. */
export type Repeated = NonNullable<Occurrence['refused']>;

/** What the records of something that is not done, for it was done before, add to what they say. */
export function notDone({ refused, marks }: Occurrence): Readonly<Record<string, string | boolean>> {
  return { ...marks, ...(refused && { [ATTR_ERROR_TYPE]: refused.name }) };
}

/** Whether `refused` says that it happened before; any copy of the api package may have made it. */
export function isDuplicate(refused: Repeated): boolean {
  return refused.code === 'ERR_AUDIT_DUPLICATE_ACTION';
}

/** The key of an update, by the platform's own id of it; `undefined` where it has none. */
export function keyOfUpdate({ bot, event }: Pick<Inbound<unknown>, 'bot' | 'event'>): string | undefined {
  return updateKey(bot.id, event.attributes[ATTR_BOT_UPDATE_ID], event.attributes[ATTR_BOT_UPDATE_TYPE]);
}

/** An update reached a bot; `undefined` where nobody looks for it, or the platform gave it no id. */
export function updateOccurrence(
  backend: AuditBackend,
  { onDuplicate = 'allow' }: Decision,
  { bot, event }: Inbound<unknown>,
  key: string | undefined,
): Occurrence | undefined {
  if (onDuplicate === 'allow' || key === undefined) return undefined;
  return noted(backend, { kind: 'update', name: event.name, framework: bot.framework, key, onDuplicate });
}

/**
 * A bot is about to act.
 *
 * @param hash of the action's arguments; `undefined` where they have none.
 * @returns `undefined` where nobody looks for it, or nothing has led to it: it is the bot's own, and each time another one.
 */
export function actionOccurrence(
  backend: AuditBackend,
  { onDuplicate = 'allow' }: Decision,
  { bot, action }: Outbound<unknown>,
  hash: string | undefined,
): Occurrence | undefined {
  if (onDuplicate === 'allow') return undefined;
  const trigger = activeContext()?.trigger;
  const cause = trigger?.key ?? trigger?.recordId();
  if (cause === undefined) return undefined;
  const key = hash === undefined ? undefined : actionKey(bot.id, cause, action.method, hash);
  return noted(backend, { kind: 'action', name: action.name, framework: bot.framework, key, onDuplicate });
}

function noted(backend: AuditBackend, query: OccurrenceQuery): Occurrence | undefined {
  if (!backend.occurrence) return undefined;
  const { name, framework = '' } = query;
  const occurrence = guard(framework, () => backend.occurrence?.(query));
  if (occurrence || query.onDuplicate === 'mark') return occurrence;
  // It is to happen once, and nobody can tell.
  const refused = new AuditUnavailableError(`Whether ${name} happened before could not be found out`);
  return { refused, recorded: () => {}, ended: () => {} };
}
