import {
  type Actor,
  type AuditBackend,
  type AuditContext,
  type AuditUnavailableError,
  activeContext,
  type Decision,
  type Occurrence,
  type Target,
  type TraceIds,
  type Trigger,
  withContext,
} from '@botaudit/api';
import { ATTR_BOT_UPDATE_TYPE, ATTR_ERROR_TYPE, type Outcome } from '@botaudit/record';
import type { BotScope } from './bot-scope.js';
import { decide } from './decide.js';
import { errorType } from './error-type.js';
import { currentBackend, guard } from './guard.js';
import { bodyAt, type Said } from './level-body.js';
import { observe } from './observe.js';
import { isDuplicate, keyOfUpdate, notDone, updateOccurrence } from './occurrences.js';
import { type ActiveSpan, startSpan } from './tracing.js';
import { write } from './write.js';

/** Something that reached a bot, as the mapping of its platform understands it. */
export interface InboundEvent extends Said {
  /** Name from the catalogue. */
  readonly name: string;
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
  readonly actor: Actor;
  /** Its type defaults to the catalogue's. */
  readonly target?: Target | undefined;
  /** Why, in the words of whoever did it. */
  readonly reason?: string | undefined;
  /** When it happened, as the platform says. Default: now. */
  readonly timestamp?: Date | undefined;
  /** By their full names: `bot.update.id`, `bot.chat.id`, … */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** What came in, as it came. Asked at the level `full` alone. */
  readonly update?: (() => unknown) | undefined;
}

export interface Inbound<T> {
  readonly bot: BotScope;
  readonly event: InboundEvent;
  /** What the handler threw, where the framework wraps it. Default: the error itself. */
  readonly cause?: ((error: unknown) => unknown) | undefined;
  /**
   * Whether what is active now, such as a span in which the bot was started, has nothing to do with this event: it came
   * by polling, and starts a trace of its own, linked to that span. Default `false`: it was handed over, as by the
   * request of a webhook, and is part of that trace.
   */
  readonly root?: boolean | undefined;
  /** What the framework's caller gets instead of a result when the policy forbids to go on unrecorded. */
  readonly refuse: (error: AuditUnavailableError) => T;
  /**
   * What the framework's caller gets when the policy forbids to handle the same once more: as if it had been handled, so
   * that the platform does not deliver it yet again.
   */
  readonly skip: () => T;
}

/**
 * Lets a framework handle something inbound, with everything it starts in the context of its actor, trigger and trace.
 * Commands and the like are recorded at once; a plain message only when it causes an audited action, just before that
 * action's record, or when its handler fails.
 *
 * @param next calls the framework; what it returns or throws is passed on.
 */
export function handleInbound<T>(inbound: Inbound<T>, next: () => T): T {
  const backend = currentBackend();
  if (!backend) return next();
  const { bot, event } = inbound;
  const source = bot.framework;
  const decision = decide(backend, bot, event.name, event);
  if (!decision) return next();

  const span = startSpan({
    name: `${bot.platform} ${event.attributes[ATTR_BOT_UPDATE_TYPE] ?? event.name}`,
    kind: 'consumer',
    attributes: bot.attributes,
    root: inbound.root,
  });
  const key = guard(source, () => keyOfUpdate(inbound));
  const occurrence = updateOccurrence(backend, decision, inbound, key);
  const trigger = new EventTrigger(backend, inbound, decision, span, key, occurrence);
  const repeated = occurrence?.refused;
  if (repeated && isDuplicate(repeated)) {
    trigger.skipped();
    span.end(repeated.name);
    return inbound.skip();
  }
  const refused = (repeated as AuditUnavailableError | undefined) ?? trigger.receive();
  if (refused) {
    // It has not been handled, and is the first one still when it comes again.
    occurrence?.ended('failure');
    span.end(refused.name);
    return inbound.refuse(refused);
  }

  const context: AuditContext = {
    actor: event.actor,
    trigger,
    trace: span.trace,
    bot: bot.attributes,
    update: event.attributes,
  };
  const failed = (error: unknown): void => {
    // What its handler had done by then nobody knows.
    occurrence?.ended('unknown');
    const cause = guard(source, () => inbound.cause?.(error)) ?? error;
    span.end(errorType(cause));
    // This runs where the span is no longer active, and what is, such as a webhook's request, may be of the same trace.
    withContext(context, () => writeHandlerError(inbound, cause, span.trace));
  };
  let result: T;
  try {
    result = withContext(context, () => span.run(next));
  } catch (error) {
    failed(error);
    throw error;
  }
  return observe(result, (settlement) => {
    if (settlement.status === 'rejected') failed(settlement.reason);
    else {
      occurrence?.ended('success');
      span.end();
    }
  });
}

/** Writes the record of an inbound event: at receipt, or at the first moment that something refers to it. */
class EventTrigger implements Trigger {
  readonly #backend: AuditBackend;
  readonly inbound: Inbound<unknown>;
  readonly #decision: Decision;
  readonly #span: ActiveSpan;
  readonly key: string | undefined;
  readonly #occurrence: Occurrence | undefined;
  readonly #received = new Date();
  #recordId: string | undefined;

  constructor(
    backend: AuditBackend,
    inbound: Inbound<unknown>,
    decision: Decision,
    span: ActiveSpan,
    key: string | undefined,
    occurrence: Occurrence | undefined,
  ) {
    this.#backend = backend;
    this.inbound = inbound;
    this.#decision = decision;
    this.#span = span;
    this.key = key;
    this.#occurrence = occurrence;
  }

  /** @returns the error for which the event must not be handled, if any. */
  receive(): AuditUnavailableError | undefined {
    const { written, failClosed } = this.#decision;
    if (written === 'caused' && !failClosed) return undefined;
    const refused = this.#write();
    return failClosed ? refused : undefined;
  }

  /** It is not handled, for it was before: that is on record, whatever it is. */
  skipped(): void {
    this.#write('failure', this.#occurrence && notDone(this.#occurrence));
  }

  recordId(): string | undefined {
    if (this.#recordId === undefined) this.#write();
    return this.#recordId;
  }

  #write(outcome: Outcome = 'success', marks = this.#occurrence?.marks): AuditUnavailableError | undefined {
    const { level, written } = this.#decision;
    if (level === 'none' || written === 'never') return undefined;
    const { bot, event } = this.inbound;
    const { content, update, ...told } = event;
    const body = bodyAt(level, bot.framework, event, {
      name: 'update',
      value: level === 'full' ? update?.() : undefined,
    });
    const draft = {
      ...told,
      body,
      outcome,
      timestamp: event.timestamp ?? this.#received,
      trace: this.#span.trace,
      attributes: { ...bot.attributes, ...event.attributes, ...marks },
    };
    // Outside of the context that names this very trigger as the cause.
    const { recordId, refused } = withContext({}, () => write(this.#backend, bot.framework, draft, this.#decision));
    this.#recordId = recordId;
    if (outcome === 'success') this.#occurrence?.recorded(recordId);
    return refused;
  }
}

const HANDLER_ERROR = 'bot.handler.error';

/**
 * What was recorded of each update, by its trigger: what a bot handles and throws again is one failure, and the same
 * error in another update, such as a constant or the reason of a promise that updates share, is another one.
 */
const recorded = new WeakMap<Trigger, Set<unknown>>();

/** @returns whether `error` is news in the update being handled; outside of any, all is. */
function isNew(error: unknown): boolean {
  const trigger = activeContext()?.trigger;
  if (!trigger) return true;
  const errors = recorded.get(trigger) ?? new Set();
  if (errors.has(error)) return false;
  recorded.set(trigger, errors.add(error));
  return true;
}

/**
 * Records that the handling of an event failed, in the context of that event: once, however often it is told of it.
 *
 * @param error what the bot's own code threw, without the framework's wrapper.
 */
export function recordHandlerError(handled: Pick<Inbound<never>, 'bot' | 'event'>, error: unknown): void {
  writeHandlerError(handled, error);
}

/**
 * Records that the handling of the event that is being handled now failed, once; nothing where none is. For frameworks
 * that say what a handler failed with, and not what it was handling.
 *
 * @param error as above.
 */
export function recordErrorOfHandler(error: unknown): void {
  const trigger = activeContext()?.trigger;
  if (trigger instanceof EventTrigger) writeHandlerError(trigger.inbound, error);
}

function writeHandlerError(
  { bot, event }: Pick<Inbound<never>, 'bot' | 'event'>,
  error: unknown,
  trace?: TraceIds,
): void {
  const backend = currentBackend();
  if (!backend || !isNew(error)) return;
  const decision = decide(backend, bot, HANDLER_ERROR, { attributes: event.attributes });
  if (!decision || decision.level === 'none' || decision.written === 'never') return;
  const attributes = { ...event.attributes, [ATTR_ERROR_TYPE]: errorType(error) };
  const draft = { name: HANDLER_ERROR, outcome: 'failure', target: event.target, trace, attributes } as const;
  write(backend, bot.framework, draft, decision);
}
