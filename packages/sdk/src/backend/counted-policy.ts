import type { Actor, AuditEvent } from '@botaudit/api';
import {
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_FRAMEWORK,
  ATTR_BOT_PLATFORM,
  eventDefinition,
} from '@botaudit/record';
import type { MetricSink } from '../metrics/index.js';
import type { Policy, PolicyDecision } from '../policy/policy.js';

/** The policy that is in force; another one can take its place at any time. */
export interface PolicyInForce {
  readonly policy: Policy;
}

/** Asks the policy in force about events as they come, and counts those that it leaves out. */
export class CountedPolicy implements PolicyInForce {
  #policy: Policy;
  /** The one before, under which something may have begun. */
  #former: Policy | undefined;
  readonly #metrics: MetricSink;

  constructor(policy: Policy, metrics: MetricSink) {
    this.#policy = policy;
    this.#metrics = metrics;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** From now on `policy` is in force. */
  replace(policy: Policy): void {
    this.#former = this.#policy;
    this.#policy = policy;
  }

  /** To be asked once for each event, or it counts twice when it is left out. */
  decide(
    name: string,
    framework: string | undefined,
    platform: string | undefined,
    chatType: string | undefined,
    actor: Actor | undefined,
  ): PolicyDecision {
    const decision = this.#policy.decide(name, framework, platform, chatType, actor);
    if (decision.level === 'none') {
      const event = eventDefinition(name) ? name : 'other';
      this.#metrics.add('audit_events_left_out_total', { framework: framework ?? '', event });
    }
    return decision;
  }

  /**
   * As {@link decide}, of an event that says itself where it comes from. How something ended whose beginning is on record
   * is kept as the policy said under which it began, where the one in force leaves it out.
   */
  decideOn({ name, actor, attributes }: AuditEvent): PolicyDecision {
    const framework = textOf(attributes?.[ATTR_BOT_FRAMEWORK]);
    const platform = textOf(attributes?.[ATTR_BOT_PLATFORM]);
    const chatType = textOf(attributes?.[ATTR_BOT_CHAT_TYPE]);
    if (this.#former && attributes?.[ATTR_BOT_ACTION_ATTEMPT_RECORD_ID] !== undefined) {
      const isLeftOut = this.#policy.decide(name, framework, platform, chatType, actor).level === 'none';
      const before = this.#former.decide(name, framework, platform, chatType, actor);
      if (isLeftOut && before.level !== 'none') return before;
    }
    return this.decide(name, framework, platform, chatType, actor);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
