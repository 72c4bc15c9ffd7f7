import type { ConfigPlace, ConfigProblem } from '@botaudit/config';
import { CATALOGUE, type EventName, type Written } from '@botaudit/record';
import {
  AUDIT_PREFIX,
  canFailClosed,
  directionOf,
  matchesRule,
  type PolicyDirection,
  type PolicyRule,
  WRITABLE,
} from './rule.js';

/** Finds the place of a rule's member, e.g. `written`; without a name that of the whole rule. */
export type PlaceOf = (member?: string) => ConfigPlace;

const NAMES = Object.keys(CATALOGUE) as EventName[];

/** What a rule says that can't be, or can't be meant. */
export function ruleProblems(rule: PolicyRule, placeOf: PlaceOf): ConfigProblem[] {
  const { event, level, written, failClosed, fields } = rule;
  if (
    Object.values({ ...rule, place: undefined, failClosed: failClosed || undefined }).every(
      (each) => each === undefined,
    )
  ) {
    return [
      {
        ...placeOf(),
        problem: 'says nothing',
        allowed: 'at least one of event, platform, framework, risk, level, written, fail_closed, fields',
      },
    ];
  }
  const problems: ConfigProblem[] = [];
  const report = (member: string, problem: string, allowed?: string) =>
    problems.push({ ...placeOf(member), problem, allowed });

  const own = event?.find((pattern) => pattern.startsWith(AUDIT_PREFIX));
  if (own !== undefined) {
    report('event', `${own} is what auditing tells of itself, which no policy changes`, 'any other event');
    return problems;
  }
  const nothing = level === 'none' || written === 'never';
  if (level === 'none' && written !== undefined && written !== 'never') {
    report('written', `nothing can be written of what level none leaves out`, 'level metadata, or no written');
  }
  if (nothing && failClosed) {
    report(
      'fail_closed',
      'what is not recorded can not fail for want of a record',
      'a rule that records, or fail_closed: false',
    );
  }
  if (nothing && fields) {
    report('fields', 'there are no fields of what is not recorded', 'a rule that records, or no fields');
  }
  if (problems.length > 0) return problems;

  const about = eventsOf(rule);
  if (written !== undefined) reportUnwritable(written, about, report);
  if (failClosed) reportUnstoppable(rule, about, report);
  return problems;
}

/** An event that a rule is about, or what stands for an application's own. */
interface About {
  readonly name: string;
  readonly direction: PolicyDirection;
}

/** Every kind of event that a rule may be about. */
function eventsOf(rule: PolicyRule): About[] {
  const anywhere = { ...rule, platform: undefined, framework: undefined };
  const known = NAMES.filter((name) => matchesRule(anywhere, { name })).map((name) => ({
    name,
    direction: directionOf(name),
  }));
  const own = rule.risk ? [] : (rule.event ?? ['*']).filter((pattern) => pattern === '*' || !isOfCatalogue(pattern));
  return [
    ...known,
    ...own.map((pattern) => ({
      name: pattern === '*' ? "the application's own" : pattern,
      direction: 'application' as const,
    })),
  ];
}

/** Whether a pattern other than `*` is met by any event of the catalogue. */
export function isOfCatalogue(pattern: string): boolean {
  const rule: PolicyRule = { event: [pattern], failClosed: false, place: {} };
  return NAMES.some((name) => matchesRule(rule, { name }));
}

type Report = (member: string, problem: string, allowed?: string) => void;

/** What each kind of event is, in words. */
const KIND: Readonly<Record<keyof typeof WRITABLE, string>> = {
  inbound: 'reaches the bot',
  outbound: 'is done by the bot',
  observed: 'is only seen',
  application: "is the application's own",
};

function reportUnwritable(written: Written, about: readonly About[], report: Report): void {
  for (const { name, direction } of about) {
    if (direction === 'audit' || WRITABLE[direction].includes(written)) continue;
    report(
      'written',
      `${written} does not go with ${name}, which ${KIND[direction]}`,
      `for such events ${WRITABLE[direction].join(', ')}`,
    );
    return;
  }
}

function reportUnstoppable({ event, written }: PolicyRule, about: readonly About[], report: Report): void {
  const seen = about.find(({ name, direction }) => !canFailClosed(direction) && event?.includes(name));
  if (seen || !about.some(({ direction }) => canFailClosed(direction))) {
    const name = seen?.name ?? about[0]?.name ?? 'what the rule is about';
    report(
      'fail_closed',
      `${name} has happened when it is seen: nothing can keep it from happening`,
      'events that reach the bot or are done by it',
    );
  }
  if (written === 'caused') {
    report('written', 'what fails closed is recorded before it is handled', 'receipt, or no written');
  }
  if (written === 'outcome' && about.some(({ direction }) => direction === 'outbound')) {
    report('written', 'what fails closed is recorded before it is done', 'attempt-and-outcome, or no written');
  }
}
