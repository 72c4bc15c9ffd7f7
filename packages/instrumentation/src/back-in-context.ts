import { type AuditContext, activeContext, withContext } from '@botaudit/api';

/**
 * Runs `fn` in the context that it belongs in, such as the one in which it was put into a queue that runs it now for
 * somebody else. Where the active one has the same cause nothing was lost, and it stays, with what the application has
 * set in it.
 *
 * @param context `undefined` where it is not known; `{}` where it belongs to nobody.
 */
export function backInContext<T>(context: AuditContext | undefined, fn: () => T): T {
  return context === undefined || context.trigger === activeContext()?.trigger ? fn() : withContext(context, fn);
}
