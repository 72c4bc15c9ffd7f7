import {
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_ACTION_DURATION,
  ATTR_BOT_ACTION_STAGE,
  ATTR_ERROR_TYPE,
  type Outcome,
} from '@botaudit/record';
import { type AuditBackend, activeBackend, type Decision } from './backend.js';
import { checkEvent } from './check.js';
import type { AuditEvent } from './event.js';
import { checkKey, keyed } from './idempotency.js';
import { complete, type EventInput, queryOf, refuse } from './write.js';

/** What {@link once} records, and what an error of its function means. */
export interface OnceOptions extends Partial<Omit<EventInput, 'outcome' | 'timestamp'>> {
  /** Event name; keys of other names are other keys. Default `application.once`. */
  readonly name?: string | undefined;
  /** Upper-case verb. Default `EXECUTE`. */
  readonly action?: string | undefined;
  /**
   * Whether an error of the function says that nothing was carried out, as a refusal does: the key is free again then.
   * Default: no error does, and whether it was carried out is not known.
   */
  readonly isRefusal?: ((error: unknown) => boolean) | undefined;
}

/**
 * Runs `fn` once for a key, whoever asks and however often: across calls, restarts and the processes that share a journal
 * on one host, for 24 hours. An attempt is recorded before and the outcome after it.
 *
 * Where no backend is registered, or auditing is switched off, `fn` runs each time, and the process is warned once.
 *
 * @param key what makes it the same, such as the number of an order; one for each `name` and service. Not recorded, only a
 * keyed hash of it.
 * @returns what `fn` returns.
 * @throws what `fn` throws.
 * @throws {DuplicateActionError} when it ran before, runs now, or a process died while it ran; `fn` is not called.
 * @throws {AuditUnavailableError} when the attempt can't be recorded, or whether it ran before can't be told; `fn` is not
 * called.
 * @throws {InvalidEventError} when `key` is empty or longer than 4,096 characters, or an option is wrong.
 */
export async function once<T>(key: string, fn: () => T | Promise<T>, options: OnceOptions = {}): Promise<T> {
  const { isRefusal, name = 'application.once', action = 'EXECUTE', ...details } = options;
  checkKey(name, key);
  const backend = activeBackend();
  const event = complete({ ...details, name, action, outcome: 'unknown' }, backend?.self ?? NOBODY);
  checkEvent(event);
  if (!backend?.occurrence) {
    warn();
    return fn();
  }
  const decision = backend.decide(queryOf(event));
  const { attributes, occurrence } = keyed(backend, name, key, 'block');
  const attempt = { ...event, attributes: { ...event.attributes, ...attributes, [ATTR_BOT_ACTION_STAGE]: 'attempt' } };
  // Both records as the policy says that is in force now.
  const isKept = decision.level !== 'none';
  if (occurrence?.refused) {
    const { [ATTR_BOT_ACTION_STAGE]: _, ...plain } = attempt.attributes;
    throw isKept
      ? refuse(backend, { ...attempt, attributes: plain }, occurrence.refused, decision)
      : occurrence.refused;
  }
  let attemptId: string | undefined;
  try {
    attemptId = isKept ? backend.write(attempt, decision) : undefined;
  } catch (error) {
    occurrence?.ended('failure');
    throw error;
  }
  occurrence?.recorded(attemptId);

  const start = performance.now();
  const ended = (outcome: Outcome, error?: unknown): void => {
    // Before its record: should the process end between the two, it is known that it came to its end.
    occurrence?.ended(outcome);
    if (!isKept) return;
    const told = {
      ...event,
      outcome,
      attributes: {
        ...attempt.attributes,
        [ATTR_BOT_ACTION_STAGE]: 'outcome',
        [ATTR_BOT_ACTION_ATTEMPT_RECORD_ID]: attemptId,
        [ATTR_BOT_ACTION_DURATION]: Math.round((performance.now() - start) * 1000) / 1e6,
        ...(outcome !== 'success' && { [ATTR_ERROR_TYPE]: typeOf(error) }),
      },
    };
    writeOutcome(backend, told, decision);
  };
  let result: T;
  try {
    result = await fn();
  } catch (error) {
    ended(refuses(isRefusal, error) ? 'failure' : 'unknown', error);
    throw error;
  }
  ended('success');
  return result;
}

const NOBODY = { id: 'unknown', type: 'service' } as const;

/** It has been done: that it can't be recorded must not look as if it had not. The backend counts it as lost. */
function writeOutcome(backend: AuditBackend, event: AuditEvent, decision: Decision): void {
  try {
    backend.write(event, decision);
  } catch (error) {
    backend.reportError('once', error);
  }
}

/** An application's own function that fails says nothing. */
function refuses(isRefusal: OnceOptions['isRefusal'], error: unknown): boolean {
  try {
    return isRefusal?.(error) === true;
  } catch {
    return false;
  }
}

/** The name of an error's class; never its message, which may hold anything. */
function typeOf(error: unknown): string {
  try {
    if (error instanceof Error) return error.constructor.name || 'Error';
  } catch {
    // An error that can't be looked at is still one.
  }
  return typeof error;
}

let warned = false;

function warn(): void {
  if (warned) return;
  warned = true;
  process.emitWarning('once() runs its function each time: nothing is audited here, so nobody knows what ran before', {
    code: 'BOTAUDIT_ONCE_UNPROTECTED',
  });
}
