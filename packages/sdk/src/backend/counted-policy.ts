import type { AuditEvent } from '@botaudit/api';
import { ATTR_BOT_FRAMEWORK, ATTR_BOT_PLATFORM, eventDefinition } from '@botaudit/record';
import type { MetricSink } from '../metrics/index.js';
import type { Policy, PolicyDecision } from '../policy/policy.js';

/** Asks a policy about events as they come, and counts those that it leaves out. */
export class CountedPolicy {
  readonly policy: Policy;
  readonly #metrics: MetricSink;

  constructor(policy: Policy, metrics: MetricSink) {
    this.policy = policy;
    this.#metrics = metrics;
  }

  /** To be asked once for each event, or it counts twice when it is left out. */
  decide(name: string, framework: string | undefined, platform: string | undefined): PolicyDecision {
    const decision = this.policy.decide(name, framework, platform);
    if (decision.level === 'none') {
      const event = eventDefinition(name) ? name : 'other';
      this.#metrics.add('audit_events_left_out_total', { framework: framework ?? '', event });
    }
    return decision;
  }

  /** As {@link decide}, of an event that says itself where it comes from. */
  decideOn({ name, attributes }: AuditEvent): PolicyDecision {
    return this.decide(name, textOf(attributes?.[ATTR_BOT_FRAMEWORK]), textOf(attributes?.[ATTR_BOT_PLATFORM]));
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
