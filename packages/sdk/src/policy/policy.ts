import { hash } from 'node:crypto';
import type { Actor, Decision, OnDuplicate } from '@botaudit/api';
import { eventDefinition, jcs, toPlain, type Written } from '@botaudit/record';
import type { FieldActions } from '../protection/field-action.js';
import {
  asksForCase,
  canFailClosed,
  directionOf,
  matchesCase,
  matchesKind,
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
  readonly #byOrigin = new Map<string | undefined, Map<string | undefined, Decisions>>();
  #kept = 0;
  #framework: string | undefined;
  #platform: string | undefined;
  /** Those for the framework and platform that were asked for last. */
  #decisions: Decisions;

  constructor(rules: readonly PolicyRule[] = []) {
    this.rules = rules;
    this.hash = hash('sha256', jcs(toPlain(said(rules)) ?? ''));
    this.#decisions = this.#decisionsFor(undefined, undefined);
  }

  /** Whether there is anything that must not happen unrecorded. */
  get failsClosed(): boolean {
    return this.rules.some(({ failClosed }) => failClosed);
  }

  /** Whether there is anything that must not happen twice. */
  get blocks(): boolean {
    return this.rules.some(({ onDuplicate }) => onDuplicate === 'block');
  }

  /** What the rules say, as it is put on record. */
  describe(): Readonly<Record<string, unknown>>[] {
    return this.rules.map(saidOf);
  }

  /** Asked for every event: the answer is kept, and with it what it depends on where rules ask for chat or actor. */
  decide(
    name: string,
    framework: string | undefined,
    platform: string | undefined,
    chatType?: string | undefined,
    actor?: Actor | undefined,
  ): PolicyDecision {
    if (framework !== this.#framework || platform !== this.#platform) {
      this.#framework = framework;
      this.#platform = platform;
      this.#decisions = this.#decisionsFor(framework, platform);
    }
    const known = this.#decisions.get(name) ?? this.#keep(name);
    return known instanceof Cases ? known.decide(chatType, actor) : known;
  }

  /** The decision, and the rule behind it. */
  explain(query: RuleQuery): PolicyAnswer {
    const rule = this.rules.find((candidate) => matchesRule(candidate, query));
    return { decision: decisionOf(query.name, rule), rule };
  }

  #keep(name: string): PolicyDecision | Cases {
    const query = { name, framework: this.#framework, platform: this.#platform };
    const about = this.rules.filter((rule) => matchesKind(rule, query));
    const last = about.findIndex((rule) => !asksForCase(rule));
    const conditional = last < 0 ? about : about.slice(0, last);
    const otherwise = decisionOf(name, about[last]);
    const decided = conditional.length === 0 ? otherwise : new Cases(name, conditional, otherwise);
    this.#makeRoom();
    this.#decisions.set(name, decided);
    return decided;
  }

  #decisionsFor(framework: string | undefined, platform: string | undefined): Decisions {
    const known = this.#byOrigin.get(framework)?.get(platform);
    if (known) return known;
    this.#makeRoom();
    const decisions: Decisions = new Map();
    const byPlatform = this.#byOrigin.get(framework) ?? new Map<string | undefined, Decisions>();
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

/** By the event's name. */
type Decisions = Map<string, PolicyDecision | Cases>;

/** A decision that depends on where an event happens, or on who acts. */
class Cases {
  readonly #cases: readonly { readonly rule: PolicyRule; readonly decision: PolicyDecision }[];
  readonly #otherwise: PolicyDecision;

  /** @param rules those that may be about it, in order. @param otherwise what is decided where none of them is. */
  constructor(name: string, rules: readonly PolicyRule[], otherwise: PolicyDecision) {
    this.#cases = rules.map((rule) => ({ rule, decision: decisionOf(name, rule) }));
    this.#otherwise = otherwise;
  }

  decide(chatType: string | undefined, actor: Actor | undefined): PolicyDecision {
    for (const { rule, decision } of this.#cases) if (matchesCase(rule, chatType, actor)) return decision;
    return this.#otherwise;
  }
}

function decisionOf(name: string, rule: PolicyRule | undefined): PolicyDecision {
  const usual: Written = eventDefinition(name)?.written ?? 'outcome';
  const written = rule?.written ?? usual;
  if (rule?.level === 'none' || written === 'never') return NOTHING;
  const direction = directionOf(name);
  const failClosed = rule?.failClosed === true && canFailClosed(direction);
  return Object.freeze({
    level: rule?.level ?? 'metadata',
    written: failClosed ? beforehand(written, direction) : written,
    failClosed,
    ...(rule?.sizeLimit !== undefined && { sizeLimit: rule.sizeLimit }),
    onDuplicate: rule?.onDuplicate ?? usualOnDuplicate(name, direction),
    ...(rule?.fields && { fields: rule.fields }),
  });
}

/** What reaches a bot, its high-risk actions, and what an application gives a key of its own. */
function usualOnDuplicate(name: string, direction: PolicyDirection): OnDuplicate | undefined {
  if (direction === 'inbound' || direction === 'application') return 'mark';
  return direction === 'outbound' && eventDefinition(name)?.risk === 'high' ? 'mark' : undefined;
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

function saidOf(rule: PolicyRule) {
  const {
    event,
    platform,
    framework,
    risk,
    chatType,
    actor,
    level,
    written,
    failClosed,
    sizeLimit,
    onDuplicate,
    fields,
  } = rule;
  return {
    event,
    platform,
    framework,
    risk,
    chat_type: chatType,
    actor,
    level,
    written,
    fail_closed: failClosed || undefined,
    size_limit: sizeLimit,
    on_duplicate: onDuplicate,
    fields,
  };
}
