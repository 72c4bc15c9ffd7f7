import { performance } from 'node:perf_hooks';
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
import {
  ATTR_BOT_ACTION_ARGUMENTS_HASH,
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_ACTION_DURATION,
  ATTR_BOT_ACTION_STAGE,
  ATTR_BOT_API_METHOD,
  ATTR_ERROR_MESSAGE,
  ATTR_ERROR_TYPE,
  type Describe,
  type Outcome,
} from '@botaudit/record';
import type { BotScope } from './bot-scope.js';
import { decide } from './decide.js';
import { errorType } from './error-type.js';
import { currentBackend, guard } from './guard.js';
import { type Body, bodyAt, type Said } from './level-body.js';
import { observe, type Settlement } from './observe.js';
import { actionOccurrence, notDone, type Repeated } from './occurrences.js';
import { startSpan } from './tracing.js';
import { type Written, write } from './write.js';

const MAX_ERROR_MESSAGE = 512;

/** An action that a bot is about to carry out, as the mapping of its platform understands it. */
export interface OutboundAction extends Said {
  /** Name from the catalogue. */
  readonly name: string;
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
  /** The platform's method, e.g. `banChatMember`. */
  readonly method: string;
  /** Its type defaults to the catalogue's. */
  readonly target?: Target | undefined;
  /** Why, as the bot tells the platform. */
  readonly reason?: string | undefined;
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** How an action ended, as the platform's answer says. */
export interface ActionResult {
  readonly outcome: Outcome;
  /** For `error.type`: a code or the name of a class. */
  readonly errorType?: string | undefined;
  /** What the platform said about it. Never the message of an error made here: those hold addresses and tokens. */
  readonly errorMessage?: string | undefined;
  /** What the answer says was acted upon, e.g. the message that was sent. Default: the action's target. */
  readonly target?: Target | undefined;
  /** What else the answer adds to the record. */
  readonly attributes?: Readonly<Record<string, string | boolean>> | undefined;
  /** What the answer says, for the level `content`, in the words of all platforms. */
  readonly content?: Said['content'];
  /** What was answered, for the level `full`. Default: what the call was fulfilled with. */
  readonly response?: unknown;
}

/** Who asks for an action, where it is carried out for somebody outside who waits for the answer. */
export interface Asker {
  readonly actor: Actor;
  /** The span in which it was asked for, as the asker says. */
  readonly trace?: TraceIds | undefined;
}

export interface Outbound<T> {
  readonly bot: BotScope;
  readonly action: OutboundAction;
  /** The call's arguments: hashed for high-risk actions, and recorded at the level `full`. */
  readonly args: unknown;
  /** What is recorded of them at the level `full`, where that is not what is hashed. Asked at that level alone. */
  readonly request?: (() => unknown) | undefined;
  /** Says what stands for a part of them, such as a file of the framework's, in place of what it holds. */
  readonly describe?: Describe | undefined;
  /**
   * Who asks for it: what it starts is in the context of this actor, with the action's record as the trigger. Default:
   * it is the bot's own, in the context of what it handles.
   */
  readonly asker?: Asker | undefined;
  /** Reads the result of a call. Default: what rejects has failed, anything else is a success. */
  readonly read?: ((settlement: Settlement) => ActionResult) | undefined;
  /** What the caller gets instead of a result when the policy forbids to act unrecorded, or once more. */
  readonly refuse: (error: Repeated) => T;
}

/**
 * Lets a bot act. One record when the outcome is known, on disk before the caller learns of it; for high-risk and
 * fail-closed actions also one before, without which the latter don't happen.
 *
 * @param next carries the action out; what it returns or throws is passed on. It is given the ids of the action's span,
 * for whoever carries on the trace; none where nothing is recorded.
 */
export function handleOutbound<T>(outbound: Outbound<T>, next: (trace?: TraceIds) => T): T {
  const backend = currentBackend();
  if (!backend) return next();
  const { bot, action, asker } = outbound;
  const decision = decide(backend, bot, action.name, { actor: asker?.actor, attributes: action.attributes });
  if (!decision || decision.level === 'none' || decision.written === 'never') {
    return inContext(asker && { ...asker, bot: bot.attributes }, next);
  }

  const span = startSpan({
    name: `${bot.platform} ${action.method}`,
    kind: asker ? 'server' : 'client',
    attributes: { ...bot.attributes, [ATTR_BOT_API_METHOD]: action.method },
    ...(asker ? { remote: asker.trace } : { parent: activeContext()?.trace }),
  });
  const records = new ActionRecords(backend, outbound, decision, span.trace);
  const occurrence = records.happens(decision);
  if (occurrence?.refused) {
    records.refused(occurrence);
    span.end(occurrence.refused.name);
    return outbound.refuse(occurrence.refused);
  }
  if (decision.failClosed || decision.written === 'attempt-and-outcome') {
    const refused = records.attempt();
    if (refused && decision.failClosed) {
      occurrence?.ended('failure');
      span.end(refused.name);
      return outbound.refuse(refused);
    }
  }

  const settled = (settlement: Settlement): void => {
    const result = guard(bot.framework, () => outbound.read?.(settlement)) ?? plainResult(settlement);
    span.end(result.errorType);
    occurrence?.ended(result.outcome);
    records.outcome(result, settlement);
  };
  const context = asker && { actor: asker.actor, trigger: records, trace: span.trace, bot: bot.attributes };
  let returned: T;
  try {
    returned = inContext(context, () => span.run(() => next(span.trace)));
  } catch (error) {
    settled({ status: 'rejected', reason: error });
    throw error;
  }
  return observe(returned, settled);
}

function inContext<T>(context: AuditContext | undefined, fn: () => T): T {
  return context ? withContext(context, fn) : fn();
}

function plainResult(settlement: Settlement): ActionResult {
  if (settlement.status === 'rejected') return { outcome: 'failure', errorType: errorType(settlement.reason) };
  return { outcome: settlement.status === 'fulfilled' ? 'success' : 'unknown' };
}

/** The records of one action: its attempt, where there is to be one or something else refers to it, and its outcome. */
class ActionRecords implements Trigger {
  readonly #backend: AuditBackend;
  readonly #outbound: Outbound<unknown>;
  readonly #decision: Decision;
  readonly #trace: TraceIds;
  readonly #start = performance.now();
  /** What is asked for; taken down before the call, which may use it up. */
  readonly #asked: Body | undefined;
  /** What the attempt adds to the outcome's attributes. */
  #attempt: Readonly<Record<string, string | undefined>> | undefined;
  #recordId: string | undefined;
  #hash: string | undefined;
  #occurrence: Occurrence | undefined;

  constructor(backend: AuditBackend, outbound: Outbound<unknown>, decision: Decision, trace: TraceIds) {
    this.#backend = backend;
    this.#outbound = outbound;
    this.#decision = decision;
    this.#trace = trace;
    const { level } = decision;
    const { bot, action, args, request, describe } = outbound;
    const value = level === 'full' && request ? guard(bot.framework, request) : args;
    this.#asked = bodyAt(level, bot.framework, action, { name: 'request', value, describe });
  }

  /** Looks whether it was done before. What is asked for from outside has no cause here by which that could be told. */
  happens(decision: Decision): Occurrence | undefined {
    if ((decision.onDuplicate ?? 'allow') === 'allow' || this.#outbound.asker) return undefined;
    this.#occurrence = actionOccurrence(this.#backend, decision, this.#outbound, this.#hashed());
    return this.#occurrence;
  }

  /** It is not done. */
  refused(occurrence: Occurrence): void {
    const attributes = { [ATTR_BOT_ACTION_ARGUMENTS_HASH]: this.#hash, ...notDone(occurrence) };
    this.#write({ outcome: 'failure' }, this.#outbound.action.target, attributes, this.#asked);
  }

  #hashed(): string | undefined {
    const { bot, action, args } = this.#outbound;
    this.#hash ??= guard(bot.framework, () => this.#backend.hashArguments(action.method, args));
    return this.#hash;
  }

  /** @returns why it could not be written, if so. */
  attempt(): AuditUnavailableError | undefined {
    const { action } = this.#outbound;
    const attributes = {
      [ATTR_BOT_ACTION_STAGE]: 'attempt',
      [ATTR_BOT_ACTION_ARGUMENTS_HASH]: this.#hashed(),
      ...this.#occurrence?.marks,
    };
    const { recordId, refused } = this.#write({ outcome: 'unknown' }, action.target, attributes, this.#asked);
    this.#attempt = {
      [ATTR_BOT_ACTION_STAGE]: 'outcome',
      [ATTR_BOT_ACTION_ATTEMPT_RECORD_ID]: recordId,
    };
    this.#recordId = recordId;
    this.#occurrence?.recorded(recordId);
    return refused;
  }

  recordId(): string | undefined {
    if (!this.#attempt) this.attempt();
    return this.#recordId;
  }

  outcome(result: ActionResult, settlement: Settlement): void {
    const duration = Math.round((performance.now() - this.#start) * 1000) / 1e6;
    const attributes = {
      [ATTR_BOT_ACTION_ARGUMENTS_HASH]: this.#hash,
      ...this.#attempt,
      ...this.#occurrence?.marks,
      [ATTR_BOT_ACTION_DURATION]: duration,
      [ATTR_ERROR_TYPE]: result.errorType,
      [ATTR_ERROR_MESSAGE]: result.errorMessage?.slice(0, MAX_ERROR_MESSAGE),
      ...result.attributes,
    };
    const target = result.target ?? this.#outbound.action.target;
    const { recordId } = this.#write(result, target, attributes, this.#answered(result, settlement));
    if (this.#recordId === undefined) this.#occurrence?.recorded(recordId);
    this.#recordId ??= recordId;
    // There is no attempt to write any more.
    this.#attempt ??= {};
  }

  /** What was asked for, unless that stands in the attempt, and what was answered. */
  #answered({ content, response }: ActionResult, settlement: Settlement): Body | undefined {
    const { bot, action, describe } = this.#outbound;
    const body = this.#recordId === undefined ? this.#asked : action.body;
    const value = response ?? (settlement.status === 'fulfilled' ? settlement.value : undefined);
    return bodyAt(this.#decision.level, bot.framework, { body, content }, { name: 'response', value, describe });
  }

  #write(
    { outcome }: ActionResult,
    target: Target | undefined,
    attributes: Readonly<Record<string, unknown>>,
    body: Body | undefined,
  ): Written {
    const { bot, action, asker } = this.#outbound;
    // What was asked for from outside is caused by nothing that is handled here.
    const draft = {
      name: action.name,
      action: action.action,
      outcome,
      target,
      reason: action.reason,
      trace: this.#trace,
      attributes: { ...bot.attributes, [ATTR_BOT_API_METHOD]: action.method, ...action.attributes, ...attributes },
      body,
    };
    return inContext(asker && { actor: asker.actor }, () => write(this.#backend, bot.framework, draft, this.#decision));
  }
}
