import type { AuditContext, TraceIds } from '@botaudit/api';
import { backInContext } from './back-in-context.js';
import { guard } from './guard.js';
import { handleOutbound, type Outbound } from './outbound.js';
import { patchMethod } from './patch-method.js';

/** What a framework's method is about to do when it is called. */
export interface Sent {
  /** The action; absent for what is none, and is to leave no record. */
  readonly outbound?: (Omit<Outbound<unknown>, 'refuse'> & Partial<Pick<Outbound<unknown>, 'refuse'>>) | undefined;
  /** The context that it belongs in. Default: the active one. */
  readonly context?: AuditContext | undefined;
  /**
   * Runs the method: with something noticed around it, or with other arguments than it was given, by default the same.
   * What it returns is what the method has returned. Given the ids of the action's span, where it is recorded.
   */
  readonly run?: ((method: (args?: readonly unknown[]) => unknown, trace?: TraceIds) => unknown) | undefined;
}

const reject: Outbound<unknown>['refuse'] = (error) => Promise.reject(error);

/**
 * Patches the method by which a framework calls its platform, so that it is handled as {@link handleOutbound} does. What
 * is refused is by default a promise that rejects with the error.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param send says what it is, before the method runs. Where it says nothing or throws, the method runs unaudited.
 * @returns whether the method is patched now.
 */
export function auditOutbound(
  target: object,
  name: PropertyKey,
  source: string,
  send: (self: object, args: readonly unknown[]) => Sent | undefined,
): boolean {
  return patchMethod(target, name, (method) => {
    return function (this: unknown, ...args) {
      const { outbound, context, run } = guard(source, () => send(this as object, args)) ?? {};
      const original = (given: readonly unknown[] = args): unknown => Reflect.apply(method, this, given);
      const next = (trace?: TraceIds): unknown => (run ? run(original, trace) : original());
      return backInContext(context, () => (outbound ? handleOutbound({ refuse: reject, ...outbound }, next) : next()));
    };
  });
}
