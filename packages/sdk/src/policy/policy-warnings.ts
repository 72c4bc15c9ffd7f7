import type { Actor } from '@botaudit/api';
import { type ConfigProblem, suggest } from '@botaudit/config';
import { type ActorType, CATALOGUE, type EventName, eventDefinition } from '@botaudit/record';
import { isOfPreset } from '../config/policy-config.js';
import type { Policy } from './policy.js';
import { matchesRule, type PolicyRule, type RuleQuery } from './rule.js';
import { isOfCatalogue } from './rule-problems.js';

const NAMES = (Object.keys(CATALOGUE) as EventName[]).filter((name) => !name.startsWith('audit.'));

/** Names beginning so are the catalogue's; an application may use them, and more likely meant one that is there. */
const RESERVED = /^(?:bot|agent|mcp)\./;

const MAX_NAMED = 4;

/** What a policy says that is possible, and that somebody should have meant: they are told once, at the start. */
export function policyWarnings(policy: Policy): ConfigProblem[] {
  const firstOf = firstAbout(policy.rules);
  const decides = policy.rules.map((rule) => queriesOf(rule).filter((query) => firstOf(query) === rule));
  return [
    ...policy.rules.flatMap((rule, index) => ruleWarnings(rule, decides[index] ?? [])),
    ...allFailClosed(policy, decides),
  ];
}

/**
 * Finds the first rule about an event, as the policy does, but not by asking each rule: a bot waits for these warnings, and
 * of thousands of rules most name one event.
 */
function firstAbout(rules: readonly PolicyRule[]): (query: RuleQuery) => PolicyRule | undefined {
  const byName = new Map<string, number[]>();
  const byPattern: number[] = [];
  for (const [index, { event }] of rules.entries()) {
    if (!event || event.some((pattern) => pattern.endsWith('*'))) byPattern.push(index);
    else for (const name of new Set(event)) byName.set(name, [...(byName.get(name) ?? []), index]);
  }
  return (query) => {
    const isAbout = (index: number) => matchesRule(rules[index] as PolicyRule, query);
    const first = Math.min(
      (byName.get(query.name) ?? []).find(isAbout) ?? rules.length,
      byPattern.find(isAbout) ?? rules.length,
    );
    return rules[first];
  };
}

function ruleWarnings(rule: PolicyRule, decides: readonly RuleQuery[]): ConfigProblem[] {
  const { place } = rule;
  const unknown = (rule.event ?? []).filter((pattern) => RESERVED.test(pattern) && !isOfCatalogue(pattern));
  const warnings: ConfigProblem[] = unknown.map((pattern) => {
    const meant = suggest(pattern, NAMES);
    return {
      ...place,
      problem: `${pattern} is no event of the catalogue${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    };
  });
  // That a file's rules go before a preset's is what they are for.
  if (decides.length === 0 && isOfPreset(rule)) return warnings;
  if (decides.length === 0) {
    const why =
      queriesOf(rule).length === 0
        ? 'none of its events is of its risk'
        : 'rules before it decide all that it is about';
    return [...warnings, { ...place, problem: `is never used: ${why}` }];
  }
  const left = isLeftOut(rule) ? names(decides).filter((name) => eventDefinition(name)?.risk === 'high') : [];
  if (left.length > 0) {
    warnings.push({ ...place, problem: `HIGH-RISK ACTIONS ARE NOT RECORDED: ${listed(left)}` });
  }
  return warnings;
}

/** Everything that goes one way, by rules together: hardly meant, and seen when the disk is full. */
function allFailClosed(policy: Policy, decides: readonly (readonly RuleQuery[])[]): ConfigProblem[] {
  const closing = (rule: PolicyRule): boolean => rule.failClosed && !isNarrow(rule);
  const closed = new Set(policy.rules.flatMap((rule, index) => (closing(rule) ? names(decides[index] ?? []) : [])));
  const place = policy.rules.find(({ failClosed }) => failClosed)?.place;
  return (['inbound', 'outbound'] as const).flatMap((direction) => {
    const all = NAMES.filter((name) => eventDefinition(name)?.direction === direction);
    if (!all.every((name) => closed.has(name))) return [];
    const what = direction === 'inbound' ? 'ALL THAT REACHES THE BOT' : 'ALL THAT THE BOT DOES';
    return [{ ...place, problem: `${what} FAILS CLOSED: while nothing can be recorded, nothing of it happens` }];
  });
}

/** Whether a rule is about some chats or some people alone. */
function isNarrow({ chatType, actor }: PolicyRule): boolean {
  return chatType !== undefined || (actor !== undefined && !actor.includes('user'));
}

function isLeftOut({ level, written }: PolicyRule): boolean {
  return level === 'none' || written === 'never';
}

/** Every different kind of event that a rule may be about. What it does not name is any other. */
function queriesOf(rule: PolicyRule): RuleQuery[] {
  const own = (rule.event ?? ['*']).filter((pattern) => pattern === '*' || !isOfCatalogue(pattern));
  const candidates = [...NAMES, ...own.map((pattern) => pattern.replace(/\*$/, OTHER))];
  const actors = (rule.actor ?? [OTHER]).map(anActor);
  return candidates.flatMap((name) =>
    (rule.platform ?? [OTHER]).flatMap((platform) =>
      (rule.framework ?? [OTHER]).flatMap((framework) =>
        (rule.chatType ?? [OTHER])
          .flatMap((chatType) => actors.map((actor) => ({ name, platform, framework, chatType, actor })))
          .filter((query) => matchesRule(rule, query)),
      ),
    ),
  );
}

/** Somebody who meets a pattern, and no other that he need not. */
function anActor(pattern: string): Actor {
  if (pattern === 'user' || pattern === 'service' || pattern === 'system') return { id: OTHER, type: pattern };
  return { id: pattern.replace(/\*$/, OTHER), type: OTHER as ActorType };
}

/** No rule names it. */
const OTHER = '\0';

function names(queries: readonly RuleQuery[]): string[] {
  return [...new Set(queries.map(({ name }) => name))];
}

function listed(all: readonly string[]): string {
  const more = all.length - MAX_NAMED;
  return `${all.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
