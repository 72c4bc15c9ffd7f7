import { randomUUID } from 'node:crypto';
import { type AuditEvent, InvalidEventError, type TraceIds } from '@botaudit/api';
import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_REASON,
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_SEQUENCE_END,
  ATTR_AUDIT_SOURCE_ID,
  ATTR_AUDIT_SOURCE_TYPE,
  ATTR_AUDIT_TARGET_ID,
  ATTR_AUDIT_TARGET_TYPE,
  ATTR_BOT_ACTOR_ASSURANCE,
  ATTR_BOT_CLOCK_HELD,
  type AttributeMap,
  type EventDefinition,
  eventDefinition,
} from '@botaudit/record';
import { type Context, type Logger, type LogRecord, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import type { FieldActions } from '../protection/field-action.js';
import type { Protection } from '../protection/protection.js';
import { happenedAt, type StreamClock } from './clock.js';
import { SYNC } from './processor.js';

/** What is the chain's or a signer's to say. */
const RESERVED = ['audit.sequence.', 'audit.integrity.'];

/** How a record is emitted. */
export interface EmitOptions {
  /** Whether this is the stream's last record. */
  readonly end?: boolean;
  /** Whether to return only when it is as durable as the journal can make it. */
  readonly sync?: boolean;
  /** What a rule of the policy says of its fields. */
  readonly fields?: FieldActions | undefined;
}

const AS_USUAL: EmitOptions = {};

/** Turns audit events into OpenTelemetry log records and emits them. */
export class Emitter {
  readonly #logger: Logger;
  readonly #protection: Protection;
  readonly #clock: StreamClock;

  constructor(logger: Logger, protection: Protection, clock: StreamClock) {
    this.#logger = logger;
    this.#protection = protection;
    this.#clock = clock;
  }

  /**
   * @returns the record's id.
   * @throws {InvalidEventError} when a mandatory field is missing.
   * @throws {AuditUnavailableError} when the record could not be appended.
   */
  emit(event: AuditEvent, { end, sync, fields }: EmitOptions = AS_USUAL): string {
    checkMandatory(event);
    const { name, action, outcome, actor, target, source, reason, body } = event;
    const protection = this.#protection;
    const definition: EventDefinition | undefined = eventDefinition(name);
    const id = randomUUID();
    const attributes: AttributeMap = {};
    if (event.attributes) {
      protection.addTo(attributes, event.attributes);
      dropReserved(attributes);
    }
    attributes[ATTR_AUDIT_RECORD_ID] = id;
    attributes[ATTR_AUDIT_ACTOR_ID] = protection.text(actor.id);
    attributes[ATTR_AUDIT_ACTOR_TYPE] = actor.type;
    attributes[ATTR_AUDIT_ACTION] = protection.text(action);
    attributes[ATTR_AUDIT_OUTCOME] = outcome;
    const targetType = target?.type ?? definition?.targetType;
    if (target?.id !== undefined) attributes[ATTR_AUDIT_TARGET_ID] = protection.text(target.id);
    if (targetType !== undefined) attributes[ATTR_AUDIT_TARGET_TYPE] = protection.text(targetType);
    if (source?.id !== undefined) attributes[ATTR_AUDIT_SOURCE_ID] = protection.text(source.id);
    if (source?.type !== undefined) attributes[ATTR_AUDIT_SOURCE_TYPE] = protection.text(source.type);
    if (reason !== undefined) attributes[ATTR_AUDIT_REASON] = protection.text(reason);
    const { assurance } = actor;
    if (assurance !== undefined && assurance !== 'platform') attributes[ATTR_BOT_ACTOR_ASSURANCE] = assurance;
    if (end) attributes[ATTR_AUDIT_SEQUENCE_END] = true;
    let details: AttributeMap | undefined;
    if (body !== undefined) {
      details = {};
      protection.addTo(details, body);
    }
    details = protection.further(name, attributes, details, fields);
    const { time, held } = this.#clock.now();
    if (held) attributes[ATTR_BOT_CLOCK_HELD] = true;
    // Always given: without one the SDK would take the application's current context.
    const context = event.trace ? contextOf(event.trace) : ROOT_CONTEXT;
    const record: LogRecord = {
      eventName: protection.text(name),
      timestamp: happenedAt(event.timestamp, time),
      observedTimestamp: time,
      attributes,
      context: sync ? context.setValue(SYNC, true) : context,
    };
    for (const _ in details) {
      record.body = details;
      break;
    }
    this.#logger.emit(record);
    return id;
  }
}

/** Ids that are none are left out by the SDK. */
function contextOf({ traceId, spanId, traceFlags = TraceFlags.NONE }: TraceIds): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags });
}

function dropReserved(attributes: AttributeMap): void {
  for (const key in attributes) {
    if (RESERVED.some((prefix) => key.startsWith(prefix))) delete attributes[key];
  }
}

/** Events of applications have been checked by the API, those of instrumentations by the compiler: only what may have slipped through. */
function checkMandatory({ name, action, outcome, actor }: AuditEvent): void {
  if (!name) throw new InvalidEventError(String(name), 'name', 'is missing');
  if (!action) throw new InvalidEventError(name, 'action', 'is missing');
  if (!outcome) throw new InvalidEventError(name, 'outcome', 'is missing');
  if (!actor?.id) throw new InvalidEventError(name, 'actor.id', 'is missing');
  if (!actor.type) throw new InvalidEventError(name, 'actor.type', 'is missing');
}
