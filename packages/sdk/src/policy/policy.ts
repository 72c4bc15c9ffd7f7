import { hash } from 'node:crypto';
import type { Decision } from '@botaudit/api';
import { eventDefinition, jcs, toPlain, type Written } from '@botaudit/record';
import type { FieldActions } from '../protection/field-action.js';
import {
  canFailClosed,
  directionOf,
  matchesRule,
  type PolicyDirection,
  type PolicyRule,
  type RuleQuery,
} from './rule.js';

/** What is done with an event. */
export interface PolicyDecision extends Decision {
  /** What is done with its fields, before what is done with those of all events. */
  readonly fields?: FieldActions | undefined;
}

/** What is left of an event that a policy leaves out, or that comes while auditing is off. */
export const NOTHING: PolicyDecision = Object.freeze({ level: 'none', written: 'never', failClosed: false });

/** Names of events, frameworks and platforms are few; a program that makes them up must not fill the memory. */
const MAX_KEPT = 10_000;

/** What a policy says of an event. */
export interface PolicyAnswer {
  readonly decision: PolicyDecision;
  /** The rule that decides; absent where none is about the event, and the catalogue does. */
  readonly rule: PolicyRule | undefined;
}

/**
 * Decides what is written of an event, and when: by the first rule that is about it, else as the catalogue says; of an
 * event that is not in the catalogue, the outcome. Rules are never about `audit.*`, what auditing tells of itself.
 */
export class Policy {
  readonly rules: readonly PolicyRule[];
  /** SHA-256, hex, of what the policy says: two policies with one hash decide alike. */
  readonly hash: string;
  /** Decisions that were made, by platform and framework: in most processes there is one of each. */
  readonly #byOrigin = new Map<string | undefined, Map<string | undefined, Map<string, PolicyDecision>>>();
  #kept = 0;
  #framework: string | undefined;
  #platform: string | undefined;
  /** Those for the framework and platform that were asked for last. */
  #decisions: Map<string, PolicyDecision>;

  constructor(rules: readonly PolicyRule[] = []) {
    this.rules = rules;
    this.hash = hash('sha256', jcs(toPlain(said(rules)) ?? ''));
    this.#decisions = this.#decisionsFor(undefined, undefined);
  }

  /** Whether there is anything that must not happen unrecorded. */
  get failsClosed(): boolean {
    return this.rules.some(({ failClosed }) => failClosed);
  }

  /** What the rules say, as it is put on record. */
  describe(): Readonly<Record<string, unknown>>[] {
    return this.rules.map(saidOf);
  }

  /** Asked for every event: the answer is kept. */
  decide(name: string, framework: string | undefined, platform: string | undefined): PolicyDecision {
    if (framework !== this.#framework || platform !== this.#platform) {
      this.#framework = framework;
      this.#platform = platform;
      this.#decisions = this.#decisionsFor(framework, platform);
    }
    return this.#decisions.get(name) ?? this.#keep(name);
  }

  /** The decision, and the rule behind it. */
  explain(query: RuleQuery): PolicyAnswer {
    const rule = this.rules.find((candidate) => matchesRule(candidate, query));
    return { decision: decisionOf(query.name, rule), rule };
  }

  #keep(name: string): PolicyDecision {
    const { decision } = this.explain({ name, framework: this.#framework, platform: this.#platform });
    this.#makeRoom();
    this.#decisions.set(name, decision);
    return decision;
  }

  #decisionsFor(framework: string | undefined, platform: string | undefined): Map<string, PolicyDecision> {
    const known = this.#byOrigin.get(framework)?.get(platform);
    if (known) return known;
    this.#makeRoom();
    const decisions = new Map<string, PolicyDecision>();
    const byPlatform = this.#byOrigin.get(framework) ?? new Map<string | undefined, Map<string, PolicyDecision>>();
    this.#byOrigin.set(framework, byPlatform.set(platform, decisions));
    return decisions;
  }

  #makeRoom(): void {
    if (this.#kept++ < MAX_KEPT) return;
    this.#byOrigin.clear();
    this.#kept = 0;
    this.#decisions = new Map();
  }
}

function decisionOf(name: string, rule: PolicyRule | undefined): PolicyDecision {
  const usual: Written = eventDefinition(name)?.written ?? 'outcome';
  const written = rule?.written ?? usual;
  if (rule?.level === 'none' || written === 'never') return NOTHING;
  const direction = directionOf(name);
  const failClosed = rule?.failClosed === true && canFailClosed(direction);
  return Object.freeze({
    level: 'metadata',
    written: failClosed ? beforehand(written, direction) : written,
    failClosed,
    ...(rule?.fields && { fields: rule.fields }),
  });
}

/** What has to be on disk before an event may happen is written before it happens; an application does so itself. */
function beforehand(written: Written, direction: PolicyDirection): Written {
  if (direction === 'inbound') return 'receipt';
  return direction === 'outbound' ? 'attempt-and-outcome' : written;
}

/** Everything that the hash is about. */
function said(rules: readonly PolicyRule[]): Readonly<Record<string, unknown>> {
  return rules.length === 0 ? { level: 'metadata' } : { level: 'metadata', rules: rules.map(saidOf) };
}

function saidOf({ event, platform, framework, risk, level, written, failClosed, fields }: PolicyRule) {
  return { event, platform, framework, risk, level, written, fail_closed: failClosed || undefined, fields };
}
