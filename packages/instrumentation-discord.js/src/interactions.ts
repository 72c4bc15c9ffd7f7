import { type AuditContext, activeContext } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';
import { readSnowflake } from '@botaudit/platform-discord';

/** More unanswered interactions than this are not kept in mind; Discord takes no first answer after three seconds. */
const MOST = 1_000;

/** What interactions are handled in that were not answered yet. */
const unanswered = new Map<string, AuditContext>();

/** An interaction is handed to the bot, in its own context. */
export function noteInteraction(interaction: unknown): void {
  const [id, context] = [readSnowflake(interaction, 'id'), activeContext()];
  if (id === undefined || !context?.trigger) return;
  unanswered.set(id, context);
  if (unanswered.size > MOST) for (const oldest of unanswered.keys()) return void unanswered.delete(oldest);
}

/**
 * The context in which the first answer to an interaction belongs, where that is not the active one: a handler that
 * waits for a button to be pressed answers that press in the context of what it had begun with.
 */
export function contextOfAnswer(request: unknown): AuditContext | undefined {
  const route = read(request, 'fullRoute');
  const id = typeof route === 'string' ? /^\/interactions\/(\d+)\//.exec(route)?.[1] : undefined;
  if (id === undefined) return undefined;
  const context = unanswered.get(id);
  unanswered.delete(id);
  // The same cause: nothing was lost, and `runAs` holds.
  return context?.trigger === activeContext()?.trigger ? undefined : context;
}
