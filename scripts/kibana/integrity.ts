import { dashboard } from './dashboard.ts';
import { bars, DOCUMENTS, latest, metric, RECORDS, table } from './lens.ts';
import { events, INTEGRITY } from './queries.ts';
import type { SavedObject } from './saved-object.ts';
import { SEARCHES } from './searches.ts';

const lost = metric('botaudit-integrity-lost', {
  title: 'Losses',
  description: 'Records that tell of others which could not be written: how many is in their body.',
  query: events('audit.records.lost'),
});
const unfinished = metric('botaudit-integrity-recovered', {
  title: 'Ends without a farewell',
  description: 'Streams whose process died, and which the next one brought home.',
  query: events('audit.stream.recovered'),
});
const removed = metric('botaudit-integrity-removed', {
  title: 'Removals',
  description: 'Segments that went from a journal to keep within its limits.',
  query: events('audit.retention.applied'),
});
const rejected = metric(
  'botaudit-integrity-rejected',
  {
    title: 'Rejected',
    description: 'Records that are not where records are: see the list below.',
    dataView: 'botaudit-rejected',
  },
  DOCUMENTS,
);
const overTime = bars(
  'botaudit-integrity-events-over-time',
  { title: 'Losses, removals, ends', description: 'Each of these needs an explanation.', query: INTEGRITY },
  ['Event', 'event_name'],
);
const life = bars(
  'botaudit-integrity-streams',
  {
    title: 'Streams',
    description: 'Opened and closed; one that is opened and neither closed nor recovered runs, or is missing.',
    query: events('audit.stream.opened', 'audit.stream.closed', 'audit.stream.recovered'),
  },
  ['Event', 'event_name'],
);
const heartbeats = bars(
  'botaudit-integrity-heartbeats',
  {
    title: 'Heartbeats',
    description: 'Every five minutes one of each stream: a hole means that a process, or its audit, stood still.',
    query: events('audit.heartbeat'),
  },
  ['Service', 'service.name'],
);
const rejections = bars(
  'botaudit-integrity-rejections',
  { title: 'Rejected, by reason', description: 'Elasticsearch’s kind of error.', dataView: 'botaudit-rejected' },
  ['Reason', 'rejected.type'],
  DOCUMENTS,
);
const principals = table(
  'botaudit-integrity-principals',
  { title: 'Who sends for whom', description: 'A service that another one’s credentials speak for needs a look.' },
  [
    ['Credential', 'audit.ingest.principal'],
    ['Service', 'service.name'],
  ],
  { value: RECORDS, last: latest('Last stored', 'event.ingested') },
);
const copies = table(
  'botaudit-integrity-copies',
  {
    title: 'Records and documents',
    description: 'More documents than records: some were sent again after a rollover, or one id has two contents.',
  },
  [['Stream', 'audit.sequence.stream_id']],
  { value: DOCUMENTS, records: RECORDS, last: latest('Last record', '@timestamp') },
);

/** Whether records are all there, and how they came here. */
export const INTEGRITY_BOARD: readonly SavedObject[] = [
  ...[lost, unfinished, removed, rejected, overTime, life, heartbeats, rejections, principals, copies],
  dashboard('botaudit-integrity', {
    title: 'BotAudit: integrity and pipeline',
    description: 'What records tell of gaps, and on what way they came. Proof is `botaudit verify`.',
    controls: [
      { title: 'Service', field: 'service.name' },
      { title: 'Stream', field: 'audit.sequence.stream_id' },
      { title: 'Credential', field: 'audit.ingest.principal' },
    ],
    rows: [
      { height: 6, panels: [lost, unfinished, removed, rejected] },
      { height: 12, panels: [overTime, life] },
      { height: 12, panels: [heartbeats, rejections] },
      { height: 12, panels: [principals, copies] },
      { height: 16, panels: [SEARCHES.integrity] },
      { height: 16, panels: [SEARCHES.rejected] },
    ],
  }),
];
