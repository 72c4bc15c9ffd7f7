import {
  type AuditBackend,
  type AuditEvent,
  AuditUnavailableError,
  complete,
  type Decision,
  type EventInput,
} from '@botaudit/api';
import { type EventDefinition, eventDefinition } from '@botaudit/record';
import { report } from './guard.js';

/** How a write ended: with the record's id, with nothing kept of the event, or refused. */
export interface Written {
  readonly recordId?: string | undefined;
  readonly refused?: AuditUnavailableError | undefined;
}

/** An event as instrumentations state it: what the catalogue or the context knows may be left out. */
export interface EventDraft extends Omit<EventInput, 'action'> {
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
}

/**
 * Writes an event, filled in from the catalogue and the current context. Never throws: whether the bot learns of a
 * failure is the caller's to decide.
 *
 * @param decision by which it is written: the one that said what of it is kept, even where the policy has changed since.
 */
export function write(backend: AuditBackend, source: string, draft: EventDraft, decision: Decision): Written {
  try {
    return { recordId: backend.write(filledIn(backend, draft), decision) };
  } catch (error) {
    if (isUnavailable(error)) return { refused: error };
    report(source, error);
    return { refused: new AuditUnavailableError(`${draft.name} could not be recorded`, { cause: error }) };
  }
}

function filledIn(backend: AuditBackend, draft: EventDraft): AuditEvent {
  const definition: EventDefinition | undefined = eventDefinition(draft.name);
  const { target } = draft;
  return complete(
    {
      ...draft,
      action: draft.action ?? definition?.verb ?? 'EXECUTE',
      target: target && { id: target.id, type: target.type ?? definition?.targetType },
    },
    backend.self,
  );
}

/** Whether `error` says that a record could not be made durable; any copy of the api package may have made it. */
function isUnavailable(error: unknown): error is AuditUnavailableError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_AUDIT_UNAVAILABLE';
}
