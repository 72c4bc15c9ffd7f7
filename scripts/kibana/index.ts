import { DATA_VIEWS } from './data-views.ts';
import { INTEGRITY_BOARD } from './integrity.ts';
import { SEARCHES } from './searches.ts';
import { SUBJECT } from './subject.ts';

/** Kibana's saved objects as a file of the repository, an object a line: its path with what makes its content. */
export function kibanaFiles(): Record<string, () => string> {
  const objects = [...DATA_VIEWS, ...Object.values(SEARCHES), ...SUBJECT, ...INTEGRITY_BOARD];
  return {
    'collector-config/kibana/saved-objects.ndjson': () => objects.map((object) => JSON.stringify(object)).join('\n'),
  };
}
