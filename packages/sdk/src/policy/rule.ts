import type { ConfigPlace } from '@botaudit/config';
import { type Direction, eventDefinition, type Risk, type Written } from '@botaudit/record';
import type { FieldActions } from '../protection/field-action.js';

/** One rule of a policy: which events it is about, and what it says of them. What it does not say stays as it is. */
export interface PolicyRule {
  /** Names, prefixes that end in `.*`, or `*`. Absent: every event. */
  readonly event?: readonly string[] | undefined;
  readonly platform?: readonly string[] | undefined;
  readonly framework?: readonly string[] | undefined;
  /** An application's own events have none, and are not met by a rule that asks for one. */
  readonly risk?: readonly Risk[] | undefined;
  readonly level?: 'none' | 'metadata' | undefined;
  readonly written?: Written | undefined;
  readonly failClosed: boolean;
  /** What is done with fields of these events, before what is done with those of all. */
  readonly fields?: FieldActions | undefined;
  /** Where it stands: `policy.rules[0]`, with file and line. */
  readonly place: ConfigPlace;
}

/** What a rule is asked about. */
export interface RuleQuery {
  readonly name: string;
  readonly framework?: string | undefined;
  readonly platform?: string | undefined;
}

/** Which way an event goes; `application` for one of no catalogue. */
export type PolicyDirection = Direction | 'application';

/** What may be asked to be written of an event, by which way it goes. */
export const WRITABLE: Readonly<Record<Exclude<PolicyDirection, 'audit'>, readonly Written[]>> = {
  inbound: ['receipt', 'caused', 'never'],
  outbound: ['outcome', 'attempt-and-outcome', 'never'],
  observed: ['outcome', 'never'],
  application: ['outcome', 'never'],
};

export function directionOf(name: string): PolicyDirection {
  // A name that begins so and is in no catalogue is auditing's own all the same: of a newer version's.
  if (name.startsWith(AUDIT_PREFIX)) return 'audit';
  return eventDefinition(name)?.direction ?? 'application';
}

/** What begins so tells of auditing itself, and no rule is about it. */
export const AUDIT_PREFIX = 'audit.';

/** What of an event can be kept from happening: what has happened when it is seen can't. */
export function canFailClosed(direction: PolicyDirection): boolean {
  return direction !== 'audit' && direction !== 'observed';
}

/** Whether `pattern` is met by an event's name: it is the name itself, a prefix that ends in `.*`, or `*`. */
function matchesEvent(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Whether a rule is about an event. */
export function matchesRule(rule: PolicyRule, { name, framework, platform }: RuleQuery): boolean {
  if (name.startsWith(AUDIT_PREFIX)) return false;
  if (rule.event && !rule.event.some((pattern) => matchesEvent(pattern, name))) return false;
  if (rule.platform && (platform === undefined || !rule.platform.includes(platform))) return false;
  if (rule.framework && (framework === undefined || !rule.framework.includes(framework))) return false;
  const risk = rule.risk && eventDefinition(name)?.risk;
  return rule.risk === undefined || (risk !== undefined && rule.risk.includes(risk));
}
