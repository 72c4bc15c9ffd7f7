/**
 * A value as a record holds it: plain, so that its OTLP type follows from it and a record can be rebuilt from plain
 * JSON. A number with an integral value is an `intValue`, any other a `doubleValue`; see `toPlain` for what becomes of
 * everything else.
 */
export type AttributeValue = string | number | boolean | AttributeValue[] | AttributeMap;

/** A map of plain values: attributes, a body, or a map within either. */
export interface AttributeMap {
  [key: string]: AttributeValue;
}

/**
 * One audit record: an OpenTelemetry LogRecord whose audit facts are attributes. What a line of a journal decodes to,
 * and what is sealed into one.
 */
export interface AuditRecord {
  /** What kind of event this is: dot-separated, stable, never empty. */
  eventName: string;
  /** When the action happened: nanoseconds since the epoch, decimal. Not after `observedTimestamp`. */
  timestamp: string;
  /** When it was seen: nanoseconds since the epoch, decimal. Never decreasing within a stream. */
  observedTimestamp: string;
  /** 32 lower-case hex digits. */
  traceId?: string | undefined;
  /** 16 lower-case hex digits. */
  spanId?: string | undefined;
  attributes: AttributeMap;
  /** Structured details: a non-empty map, or absent. */
  body?: AttributeMap | undefined;
}

/** Who acted, in `audit.actor.type`: a person, a program acting by itself, or the machinery beneath. */
export type ActorType = 'user' | 'service' | 'system';

/** How an action ended, in `audit.outcome`; an attempt is `unknown`. */
export type Outcome = 'success' | 'failure' | 'unknown';

/** How sure the actor is, in `bot.actor.assurance`; absent means `platform`. */
export type Assurance = 'platform' | 'asserted' | 'peer';

/** What an event can do to people, rights and money; it decides the defaults of what is written when. */
export type Risk = 'low' | 'medium' | 'high';

/**
 * Which way an event goes; it decides which records are possible, and whether there is anything that can be kept from
 * happening.
 *
 * - `inbound`: it reaches a bot, which then handles it;
 * - `outbound`: a bot or an agent does it;
 * - `observed`: it is seen as it happens, or when it has happened: the life of a bot, errors, side effects;
 * - `audit`: auditing tells of itself.
 */
export type Direction = 'inbound' | 'outbound' | 'observed' | 'audit';

/**
 * When records of an event are written, unless a policy says otherwise.
 *
 * - `receipt`: one record when it arrives;
 * - `caused`: only when it causes an audited action, just before that action's record, or when its handler fails;
 * - `outcome`: one record when the outcome is known, before the caller learns of it;
 * - `attempt-and-outcome`: one before the action, one after;
 * - `never`: no record.
 */
export type Written = 'receipt' | 'caused' | 'outcome' | 'attempt-and-outcome' | 'never';
