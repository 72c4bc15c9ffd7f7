import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_TARGET_ID,
  ATTR_BOT_CHAT_ID,
  ATTR_BOT_COMMAND_NAME,
  ATTR_BOT_ID,
  type AuditRecord,
} from '@botaudit/record';
import { textOf } from '../text/record-line.js';
import { compareDecimal } from '../text/time.js';

/** What `search` looks for: all that is given must fit, each list by any one of its patterns. */
export interface Criteria {
  readonly actor?: readonly string[] | undefined;
  readonly target?: readonly string[] | undefined;
  readonly action?: readonly string[] | undefined;
  readonly event?: readonly string[] | undefined;
  readonly outcome?: readonly string[] | undefined;
  readonly bot?: readonly string[] | undefined;
  readonly chat?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly trace?: readonly string[] | undefined;
  /** Nanoseconds since the epoch; inclusive. */
  readonly since?: bigint | undefined;
  /** Nanoseconds since the epoch; exclusive. */
  readonly until?: bigint | undefined;
}

/** Looks for records by their fields. */
export interface Filter {
  /** Cheap, on the undecoded line: `false` only where {@link matches} would be `false`. */
  mayMatch(line: string): boolean;
  matches(record: AuditRecord): boolean;
}

type Pattern = (value: string) => boolean;

interface Rule {
  readonly values: (record: AuditRecord) => string;
  readonly patterns: readonly Pattern[];
  /** A line that fits holds one of these; empty where that can't be said. */
  readonly literals: readonly string[];
}

/** A filter for `criteria`; one without any criterion lets everything through. */
export function createFilter(criteria: Criteria): Filter {
  const rules: Rule[] = [];
  const add = (
    given: readonly string[] | undefined,
    values: (record: AuditRecord) => string,
    compile: (pattern: string) => Pattern = wildcard,
  ) => {
    if (given?.length) rules.push({ values, patterns: given.map(compile), literals: literalsOf(given) });
  };
  const attribute = (name: string) => (record: AuditRecord) => textOf(record, name);

  add(criteria.actor, attribute(ATTR_AUDIT_ACTOR_ID), prefixed);
  add(criteria.target, attribute(ATTR_AUDIT_TARGET_ID), prefixed);
  add(criteria.bot, attribute(ATTR_BOT_ID), prefixed);
  // Chats are recorded as their platform names them, mostly without a namespace.
  add(criteria.chat?.map(withoutNamespace), attribute(ATTR_BOT_CHAT_ID), prefixed);
  add(
    criteria.action?.map((action) => action.toUpperCase()),
    attribute(ATTR_AUDIT_ACTION),
  );
  add(criteria.event, (record) => record.eventName);
  add(criteria.outcome, attribute(ATTR_AUDIT_OUTCOME));
  add(
    criteria.command?.map((command) => command.replace(/^\//, '')),
    (record) => textOf(record, ATTR_BOT_COMMAND_NAME).replace(/^\//, ''),
  );
  add(
    criteria.trace?.map((trace) => trace.toLowerCase()),
    (record) => record.traceId ?? '',
  );

  const since = criteria.since?.toString();
  const until = criteria.until?.toString();
  return {
    mayMatch: (line) =>
      rules.every(({ literals }) => literals.length === 0 || literals.some((literal) => line.includes(literal))),
    matches: (record) =>
      (since === undefined || compareDecimal(record.timestamp, since) >= 0) &&
      (until === undefined || compareDecimal(record.timestamp, until) < 0) &&
      rules.every(({ values, patterns }) => {
        const value = values(record);
        return patterns.some((pattern) => pattern(value));
      }),
  };
}

/** `*` stands for anything; all else for itself. */
function wildcard(pattern: string): Pattern {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (value) => value === pattern;
  return (value) => {
    if (!value.startsWith(first)) return false;
    let from = first.length;
    for (const piece of rest) {
      const at = value.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return value.length - last.length >= from && value.endsWith(last);
  };
}

/** As {@link wildcard}; a pattern without a namespace (`42`) also fits the id that follows one (`telegram:42`). */
function prefixed(pattern: string): Pattern {
  const whole = wildcard(pattern);
  if (pattern.includes(':')) return whole;
  return (value) => whole(value) || whole(withoutNamespace(value));
}

function withoutNamespace(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** The longest piece of each pattern that a line with a fitting value must hold, as it is written within JSON. */
function literalsOf(patterns: readonly string[]): string[] {
  const literals = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((piece) => JSON.stringify(piece).slice(1, -1))
      .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), ''),
  );
  return literals.includes('') ? [] : literals;
}
