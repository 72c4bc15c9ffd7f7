import type { AuditRecord } from '@botaudit/record';
import { Failure } from '../failure.js';
import type { Criteria, Filter } from '../journal/filter.js';
import { mergeByTime } from '../journal/merge.js';
import { parseTime } from '../text/time.js';
import type { Reading } from './reading.js';

/** The options by which records are chosen, of `search` and `export`. */
export interface FilterOptions extends Omit<Criteria, 'since' | 'until'> {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * What the options ask for.
 *
 * @throws {Failure} when a time is none, or no record could fit.
 */
export function criteriaOf({ since, until, ...lists }: FilterOptions): Criteria {
  const now = Date.now();
  const criteria = {
    ...lists,
    since: since === undefined ? undefined : parseTime(since, '--since', now),
    until: until === undefined ? undefined : parseTime(until, '--until', now),
  };
  if (criteria.since !== undefined && criteria.until !== undefined && criteria.since >= criteria.until) {
    throw Failure.usage('--since must be before --until: no record could be found');
  }
  return criteria;
}

/** The options as they were given, to be put on record. */
export function askedOf(options: FilterOptions): Readonly<Record<string, unknown>> {
  const { actor, target, action, event, outcome, bot, chat, command, trace, since, until } = options;
  return { actor, target, action, event, outcome, bot, chat, command, trace, since, until };
}

/** The records of all streams that fit, by time. */
export function* matching(
  reading: Reading,
  filter: Filter,
): Generator<{ readonly line: string; readonly record: AuditRecord }> {
  for (const { read } of mergeByTime(reading.streams, reading.onTrouble)) {
    if (!filter.mayMatch(read.line)) continue;
    const record = reading.decode(read.line);
    if (record && filter.matches(record)) yield { line: read.line, record };
  }
}
