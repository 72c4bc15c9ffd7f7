import { type SavedObject, savedObject } from './saved-object.ts';

/** The id of a data view. */
export type ViewId = 'botaudit-records' | 'botaudit-rejected';

const dataView = (id: ViewId, name: string, title: string): SavedObject =>
  savedObject('index-pattern', id, { name, title, timeFieldName: '@timestamp' });

/** What searches and panels look at. */
export const DATA_VIEWS: readonly SavedObject[] = [
  dataView('botaudit-records', 'Audit records', 'logs-audit.otel-*'),
  dataView('botaudit-rejected', 'Rejected audit records', 'logs-audit.rejected-*'),
];
