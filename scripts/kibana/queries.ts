import { CATALOGUE, type EventName } from '@botaudit/record';

/**
 * A query in Lucene's syntax, which Kibana hands to Elasticsearch as it is (`query_string`): a test can run the very
 * same. Empty: everything.
 */
export type Query = string;

/** Records of any of these events. */
export function events(...names: readonly EventName[]): Query {
  return `event_name:(${names.map((name) => `"${name}"`).join(' OR ')})`;
}

/** Moderation, roles, payments, settings, tools: by what the catalogue says. */
export const HIGH_RISK: Query = events(
  ...(Object.keys(CATALOGUE) as EventName[]).filter((name) => CATALOGUE[name].risk === 'high'),
);

/** What was done, but for records of what was about to be done. */
export const DONE: Query = 'NOT bot.action.stage:attempt';

export const FAILED: Query = 'audit.outcome:failure';

/** What tells of auditing itself: gaps, losses, removals, ends without a farewell. */
export const INTEGRITY: Query = events(
  'audit.records.lost',
  'audit.retention.applied',
  'audit.config.invalid',
  'audit.stream.recovered',
  'bot.crashed',
);

/** All of them. */
export function all(...queries: readonly Query[]): Query {
  return queries.map((query) => `(${query})`).join(' AND ');
}

/** A query in the form that saved objects hold. */
export const stored = (query: Query) => ({ query, language: query === '' ? 'kuery' : 'lucene' });
