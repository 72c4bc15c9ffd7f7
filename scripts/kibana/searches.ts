import type { ViewId } from './data-views.ts';
import { all, DONE, FAILED, HIGH_RISK, INTEGRITY, type Query, stored } from './queries.ts';
import { type SavedObject, savedObject } from './saved-object.ts';

const DATA_VIEW_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';

interface Search {
  readonly title: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly query?: Query;
  readonly dataView?: ViewId;
}

function search(
  id: string,
  { title, description, columns, query = '', dataView = 'botaudit-records' }: Search,
): SavedObject {
  const source = { query: stored(query), filter: [], indexRefName: DATA_VIEW_REFERENCE };
  return savedObject(
    'search',
    id,
    {
      title,
      description,
      columns,
      sort: [['@timestamp', 'desc']],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    [{ type: 'index-pattern', id: dataView, name: DATA_VIEW_REFERENCE }],
  );
}

const WHO_AND_WHAT = ['audit.actor.id', 'event_name', 'audit.action', 'audit.target.id', 'audit.outcome'] as const;

/** Searches to begin with, in Discover and on dashboards. */
export const SEARCHES = {
  done: search('botaudit-done', {
    title: 'Audit: what was done',
    description: 'Who did what to whom; without the records of what was about to be done.',
    columns: [...WHO_AND_WHAT, 'bot.chat.id', 'bot.id'],
    query: DONE,
  }),
  highRisk: search('botaudit-high-risk', {
    title: 'Audit: moderation, roles, payments, settings, tools',
    description: 'Events of high risk. An attempt stands beside its outcome; one without an outcome needs a look.',
    columns: [...WHO_AND_WHAT, 'bot.action.stage', 'bot.chat.id', 'bot.id'],
    query: HIGH_RISK,
  }),
  failed: search('botaudit-failed', {
    title: 'Audit: what failed',
    description: 'With the error that the platform, or the bot itself, gave.',
    columns: [...WHO_AND_WHAT, 'error.type', 'error.message', 'bot.id'],
    query: FAILED,
  }),
  failedHighRisk: search('botaudit-failed-high-risk', {
    title: 'Audit: moderation, roles, payments, settings, tools that failed',
    description: 'Somebody tries what they, or the bot, may not do.',
    columns: [...WHO_AND_WHAT, 'error.type', 'error.message', 'bot.chat.id', 'bot.id'],
    query: all(HIGH_RISK, FAILED),
  }),
  integrity: search('botaudit-integrity-events', {
    title: 'Audit: losses, removals, ends without a farewell',
    description: 'What the records themselves tell of gaps. `botaudit verify` tells of those that nobody recorded.',
    columns: ['event_name', 'service.name', 'host.name', 'audit.sequence.stream_id', 'audit.sequence.number'],
    query: INTEGRITY,
  }),
  cut: search('botaudit-cut', {
    title: 'Audit: records that were cut, or whose time was held',
    description: 'A record larger than 256 KiB loses its largest parts; a clock that went back is not followed.',
    columns: ['event_name', 'bot.truncated.name', 'bot.truncated.length', 'bot.clock.held', 'service.name'],
    query: '_exists_:bot.truncated.name OR bot.clock.held:true',
  }),
  rejected: search('botaudit-rejected-records', {
    title: 'Audit: rejected records',
    description: 'What Elasticsearch, or the indexer, refused, with the reason. The record is in rejected.original.',
    columns: ['event_name', 'record_id', 'rejected.type', 'rejected.reason', 'service.name', 'audit.ingest.principal'],
    dataView: 'botaudit-rejected',
  }),
} as const;
