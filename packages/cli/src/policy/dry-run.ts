import {
  ATTR_AUDIT_RECORD_ID,
  ATTR_BOT_ACTION_STAGE,
  ATTR_BOT_TRIGGER_RECORD_ID,
  type AuditRecord,
  eventDefinition,
} from '@botaudit/record';
import type { Policy, PolicyRule } from '@botaudit/sdk';
import { textOf } from '../text/record-line.js';
import { queryOf } from './query-of.js';

/** Records of high risk that would go and are named; more are only counted. */
const MOST_NAMED = 20;

/** What would become of the records of one event, by one rule. */
export interface Tally {
  readonly event: string;
  /** Absent where no rule is about the event, and the catalogue decides. */
  readonly rule: PolicyRule | undefined;
  kept: number;
  left_out: number;
  /** Of those kept: the action would be refused where it can't be recorded. */
  fails_closed: number;
  /** Records that there would be and are not: of the attempt before an outcome. */
  added: number;
}

/** What a journal does not tell of what a policy would leave. */
export interface Unknown {
  /** Hashes of the policies by which it was written, and left something out. */
  readonly leftOutBy: Set<string>;
  /** Segments that retention has removed. */
  removedSegments: number;
  /** Records that were lost. */
  lost: number;
}

/** Tells what would be in a journal, of what is, had it been written under another policy. */
export class DryRun {
  /** Auditing's own records, which no policy changes. */
  own = 0;
  readonly highRisk: string[] = [];
  highRiskLeftOut = 0;
  readonly unknown: Unknown = { leftOutBy: new Set(), removedSegments: 0, lost: 0 };
  readonly #policy: Policy;
  readonly #byRule = new Map<PolicyRule | undefined, Map<string, Tally>>();
  /** Records of what reached a bot that led to something which would be recorded. */
  readonly #causes = new Set<string>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** To be called of every record before {@link take} is of any: whether something led to another is known afterwards. */
  prepare(record: AuditRecord): void {
    const cause = textOf(record, ATTR_BOT_TRIGGER_RECORD_ID);
    if (cause !== '' && this.#policy.explain(queryOf(record)).decision.level !== 'none') this.#causes.add(cause);
  }

  take(record: AuditRecord): void {
    const { eventName } = record;
    if (eventName.startsWith('audit.')) {
      this.own++;
      this.#learn(record);
      return;
    }
    const { decision, rule } = this.#policy.explain(queryOf(record));
    const tally = this.#tally(eventName, rule);
    const stage = textOf(record, ATTR_BOT_ACTION_STAGE);
    const definition = eventDefinition(eventName);
    const isKept =
      decision.level !== 'none' &&
      // The attempts of the application's own events are asked for by its code, not by a policy.
      !(definition && stage === 'attempt' && decision.written === 'outcome') &&
      (decision.written !== 'caused' || this.#causes.has(textOf(record, ATTR_AUDIT_RECORD_ID)));
    if (!isKept) {
      tally.left_out++;
      // An attempt is told again by its outcome.
      if (definition?.risk === 'high' && decision.level === 'none') this.#sawHighRisk(record);
      return;
    }
    tally.kept++;
    if (decision.failClosed) tally.fails_closed++;
    if (definition?.direction === 'outbound' && stage === '' && decision.written === 'attempt-and-outcome') {
      tally.added++;
    }
  }

  /** In the order of the rules, the catalogue last. */
  tallies(): Tally[] {
    return [...this.#policy.rules, undefined].flatMap((rule) =>
      [...(this.#byRule.get(rule)?.values() ?? [])].sort((a, b) => (a.event < b.event ? -1 : 1)),
    );
  }

  #tally(event: string, rule: PolicyRule | undefined): Tally {
    const byEvent = this.#byRule.get(rule) ?? new Map<string, Tally>();
    this.#byRule.set(rule, byEvent);
    const tally = byEvent.get(event) ?? { event, rule, kept: 0, left_out: 0, fails_closed: 0, added: 0 };
    byEvent.set(event, tally);
    return tally;
  }

  #sawHighRisk(record: AuditRecord): void {
    this.highRiskLeftOut++;
    if (this.highRisk.length < MOST_NAMED) this.highRisk.push(textOf(record, ATTR_AUDIT_RECORD_ID));
  }

  /** What the journal says of what is not in it. */
  #learn({ eventName, body }: AuditRecord): void {
    if (eventName === 'audit.policy.loaded' && Array.isArray(body?.rules)) {
      const leavesOut = body.rules.some((rule) => isMap(rule) && (rule.level === 'none' || rule.written === 'never'));
      if (leavesOut) this.unknown.leftOutBy.add(String(body.policy_hash));
    }
    if (eventName === 'audit.records.lost' && typeof body?.records === 'number') this.unknown.lost += body.records;
    if (eventName === 'audit.retention.applied' && Array.isArray(body?.segments)) {
      for (const segment of body.segments) this.unknown.removedSegments += segmentsOf(segment);
    }
  }
}

function segmentsOf(segment: unknown): number {
  if (!isMap(segment)) return 0;
  const { first_segment: first, last_segment: last } = segment;
  return typeof first === 'number' && typeof last === 'number' ? last - first + 1 : 0;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
