import { AsyncLocalStorage } from 'node:async_hooks';
import { checkActor } from './check.js';
import type { Actor, TraceIds } from './event.js';

/** The inbound event that led to what happens now. */
export interface Trigger {
  /** Its record's id. Writes the record first where it is written only when it causes something. */
  recordId(): string | undefined;
  /** The same each time that the platform delivers this event; absent where it gives it no id. */
  readonly key?: string | undefined;
}

/** What is known about the cause of whatever happens now. */
export interface AuditContext {
  /** Who is behind it. */
  readonly actor?: Actor | undefined;
  readonly trigger?: Trigger | undefined;
  readonly trace?: TraceIds | undefined;
  /** Which bot carries it out: `bot.id`, `bot.platform`, `bot.framework`, as attributes. */
  readonly bot?: Readonly<Record<string, string>> | undefined;
  /** The attributes of the inbound event that is handled: `bot.chat.id`, `bot.chat.type`, … */
  readonly update?: Readonly<Record<string, unknown>> | undefined;
}

/** One storage a thread, shared by all copies of this package. */
const KEY = Symbol.for('botaudit.context.1');

function storage(): AsyncLocalStorage<AuditContext> {
  const holder = globalThis as { [KEY]?: AsyncLocalStorage<AuditContext> };
  holder[KEY] ??= new AsyncLocalStorage();
  return holder[KEY];
}

/** The current context; `undefined` when nothing inbound is being handled. */
export function activeContext(): AuditContext | undefined {
  return storage().getStore();
}

/** Runs `fn`, and whatever it starts, with `context` in place of the current one. Returns what `fn` returns. */
export function withContext<T>(context: AuditContext, fn: () => T): T {
  return storage().run(context, fn);
}

/**
 * Runs `fn` on behalf of `actor`: every audited action in it, and in what it starts, names that actor. The cause and the
 * trace stay those of the surrounding context. The actor is recorded as `asserted` unless it says otherwise.
 *
 * @returns what `fn` returns.
 * @throws {InvalidEventError} when the actor has no id of the form `<namespace>:<id>`, or no known type.
 */
export function runAs<T>(actor: Actor, fn: () => T): T {
  checkActor('runAs', actor);
  return withContext({ ...activeContext(), actor: { assurance: 'asserted', ...actor } }, fn);
}
