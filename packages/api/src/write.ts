import {
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_FRAMEWORK,
  ATTR_BOT_PLATFORM,
  ATTR_BOT_TRIGGER_RECORD_ID,
  ATTR_ERROR_TYPE,
} from '@botaudit/record';
import { activeSpanIds } from './active-span.js';
import { type AuditBackend, activeBackend, type Decision, type EventQuery, type Occurrence } from './backend.js';
import { chatTypeOf } from './chat-type.js';
import { checkEvent } from './check.js';
import { activeContext } from './context.js';
import type { Actor, AuditEvent, TraceIds } from './event.js';
import { checkKey, keyed } from './idempotency.js';

/** Stands in where no backend could say who the service is: such an event is checked and goes nowhere. */
const NOBODY: Actor = { id: 'unknown', type: 'service' };

/** An event as the application states it: what the context knows may be left out. */
export interface EventInput extends Omit<AuditEvent, 'actor'> {
  /** Default: the actor of the update being handled, or of `runAs`; else the service itself. */
  readonly actor?: Actor | undefined;
}

/** An event as it is given to {@link record}. */
export interface RecordInput extends EventInput {
  /**
   * What makes it the same once more, such as the number of an order: an event of the same name and service with the same
   * key, within 24 hours and on this host, is marked as a duplicate, unless the outcome of the first is `failure`. Of an
   * attempt and its outcome, give it to the attempt alone. Default: duplicates are not looked for.
   */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Records an event of the application's own, such as `payment.transfer`. Actor, trigger and bot come from the update
 * being handled, the trace from the span that is active in the application's tracing or else from that update, unless
 * they are given.
 *
 * @returns the record's id (UUID v4), once it is as durable as configured; `undefined` where no backend is registered
 * or the policy keeps nothing of this event.
 * @throws {InvalidEventError} when a mandatory field is missing or wrong; with and without a backend.
 * @throws {AuditUnavailableError} when the record could not be appended; with an `idempotencyKey` also where the policy says
 * `on_duplicate: block`, and whether it is the first can't be told.
 * @throws {DuplicateActionError} when it is not the first with its `idempotencyKey`, and the policy says
 * `on_duplicate: block`; that is on record, as a failure.
 */
export function record({ idempotencyKey, ...input }: RecordInput): string | undefined {
  const backend = activeBackend();
  const event = complete(input, backend?.self ?? NOBODY);
  checkEvent(event);
  if (idempotencyKey === undefined) return backend?.write(event);
  checkKey(event.name, idempotencyKey);
  return backend && recordKeyed(backend, event, idempotencyKey);
}

function recordKeyed(backend: AuditBackend, event: AuditEvent, key: string): string | undefined {
  const decision = backend.decide(queryOf(event));
  const { level, onDuplicate = 'allow' } = decision;
  if (level === 'none' && onDuplicate !== 'block') return undefined;
  const { attributes, occurrence } = keyed(backend, event.name, key, onDuplicate);
  const whole = { ...event, attributes: { ...event.attributes, ...attributes } };
  if (occurrence?.refused) throw refuse(backend, whole, occurrence.refused, decision);
  try {
    const id = backend.write(whole, decision);
    occurrence?.recorded(id);
    occurrence?.ended(event.outcome);
    return id;
  } catch (error) {
    // As far as anybody knows it has not happened: whoever asked to be told is told.
    occurrence?.ended('failure');
    throw error;
  }
}

/** Puts on record, where that can be, what is not done for it was done before. @returns why it is not. */
export function refuse(
  backend: AuditBackend,
  event: AuditEvent,
  refused: NonNullable<Occurrence['refused']>,
  decision: Decision,
): NonNullable<Occurrence['refused']> {
  try {
    const attributes = { ...event.attributes, [ATTR_ERROR_TYPE]: refused.name };
    backend.write({ ...event, outcome: 'failure', attributes }, decision);
  } catch {
    // That it is not done matters more; the backend has counted what it could not write.
  }
  return refused;
}

/** What a policy is asked about an event of the application's own. */
export function queryOf({ name, actor, attributes }: Pick<AuditEvent, 'name' | 'actor' | 'attributes'>): EventQuery {
  return {
    name,
    framework: textOf(attributes?.[ATTR_BOT_FRAMEWORK]),
    platform: textOf(attributes?.[ATTR_BOT_PLATFORM]),
    chatType: textOf(attributes?.[ATTR_BOT_CHAT_TYPE]),
    actor,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
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
