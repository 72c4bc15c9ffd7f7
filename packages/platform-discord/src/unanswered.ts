import { type AuditContext, activeContext } from '@botaudit/api';
import { RecentMap, read } from '@botaudit/instrumentation';
import { readSnowflake } from './ids.js';

/** More unanswered interactions than this are not kept in mind; Discord takes no first answer after three seconds. */
const MOST = 1_000;

/** What interactions are handled in that were not answered yet. */
const unanswered = new RecentMap<string, AuditContext>(MOST);

/** An interaction is handed to the bot, in its own context. */
export function noteInteraction(interaction: unknown): void {
  const [id, context] = [readSnowflake(interaction, 'id'), activeContext()];
  if (id !== undefined && context?.trigger) unanswered.set(id, context);
}

/**
 * The context in which the first answer to an interaction belongs: a handler that waits for a button to be pressed
 * answers that press in the context of what it had begun with.
 *
 * @param request as `discordCall` takes them.
 * @returns `undefined` for what is no first answer.
 */
export function contextOfAnswer(request: unknown): AuditContext | undefined {
  const route = read(request, 'fullRoute');
  const id = typeof route === 'string' ? /^\/interactions\/(\d+)\//.exec(route)?.[1] : undefined;
  return id === undefined ? undefined : unanswered.take(id);
}
