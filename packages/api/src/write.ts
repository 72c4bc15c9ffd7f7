import { ATTR_BOT_CHAT_TYPE, ATTR_BOT_TRIGGER_RECORD_ID } from '@botaudit/record';
import { activeSpanIds } from './active-span.js';
import { activeBackend } from './backend.js';
import { chatTypeOf } from './chat-type.js';
import { checkEvent } from './check.js';
import { activeContext } from './context.js';
import type { Actor, AuditEvent, TraceIds } from './event.js';

/** Stands in where no backend could say who the service is: such an event is checked and goes nowhere. */
const NOBODY: Actor = { id: 'unknown', type: 'service' };

/** An event as the application states it: what the context knows may be left out. */
export interface EventInput extends Omit<AuditEvent, 'actor'> {
  /** Default: the actor of the update being handled, or of `runAs`; else the service itself. */
  readonly actor?: Actor | undefined;
}

/**
 * Records an event of the application's own, such as `payment.transfer`. Actor, trigger and bot come from the update
 * being handled, the trace from the span that is active in the application's tracing or else from that update, unless
 * they are given.
 *
 * @returns the record's id (UUID v4), once it is as durable as configured; `undefined` where no backend is registered
 * or the policy keeps nothing of this event.
 * @throws {InvalidEventError} when a mandatory field is missing or wrong; with and without a backend.
 * @throws {AuditUnavailableError} when the record could not be appended.
 */
export function record(input: EventInput): string | undefined {
  const backend = activeBackend();
  const event = complete(input, backend?.self ?? NOBODY);
  checkEvent(event);
  return backend?.write(event);
}

/** Fills in what the current context and the active span know; `self` acts where nothing else says who does. */
export function complete(input: EventInput, self: Actor): AuditEvent {
  const context = activeContext();
  const trace = input.trace ?? currentTrace(context?.trace);
  if (!context) return { ...input, actor: input.actor ?? self, trace };
  const trigger = context.trigger?.recordId();
  const chatType = chatTypeOf(input.attributes, context);
  return {
    ...input,
    actor: input.actor ?? context.actor ?? self,
    trace,
    attributes: {
      ...context.bot,
      ...(trigger === undefined ? undefined : { [ATTR_BOT_TRIGGER_RECORD_ID]: trigger }),
      ...input.attributes,
      ...(chatType === undefined ? undefined : { [ATTR_BOT_CHAT_TYPE]: chatType }),
    },
  };
}

/** The active span; within an update only one of its trace: a queue may run this in the context of another update. */
function currentTrace(update: TraceIds | undefined): TraceIds | undefined {
  const active = activeSpanIds();
  return !update || active?.traceId === update.traceId ? active : update;
}
