import type { ViewId } from './data-views.ts';
import { type Reference, type SavedObject, savedObject } from './saved-object.ts';

/** The grid is 48 wide. */
const GRID = 48;

/** A choice at the top, among the values of a field. */
export interface Control {
  readonly title: string;
  readonly field: string;
}

/** Panels side by side, all of one height; each is as wide as the others. */
export interface Row {
  readonly height: number;
  readonly panels: readonly SavedObject[];
}

/** What a dashboard has. */
export interface DashboardOptions {
  readonly title: string;
  readonly description: string;
  readonly controls: readonly Control[];
  readonly rows: readonly Row[];
}

const VIEW: ViewId = 'botaudit-records';

/** A dashboard of panels that are objects of their own. */
export function dashboard(id: string, { title, description, controls, rows }: DashboardOptions): SavedObject {
  const references: Reference[] = [];
  const panels: unknown[] = [];
  let y = 0;
  for (const { height, panels: objects } of rows) {
    const w = GRID / objects.length;
    for (const [column, { type, id: of }] of objects.entries()) {
      const panelIndex = `p${panels.length + 1}`;
      const panelRefName = `panel_${panelIndex}`;
      const gridData = { x: column * w, y, w, h: height, i: panelIndex };
      panels.push({ type, panelIndex, gridData, embeddableConfig: { enhancements: {} }, panelRefName });
      references.push({ type, id: of, name: `${panelIndex}:${panelRefName}` });
    }
    y += height;
  }
  const inputs = controls.map(({ title: label, field }, order) => {
    const controlId = `c${order + 1}`;
    references.push({ type: 'index-pattern', id: VIEW, name: `controlGroup_${controlId}:optionsListDataView` });
    const explicitInput = { id: controlId, fieldName: field, title: label, selectedOptions: [], enhancements: {} };
    return [controlId, { type: 'optionsListControl', order, grow: true, width: 'medium', explicitInput }];
  });
  return savedObject(
    'dashboard',
    id,
    {
      title,
      description,
      version: 1,
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      optionsJSON: JSON.stringify({ useMargins: true, syncColors: true, syncCursor: true, hidePanelTitles: false }),
      panelsJSON: JSON.stringify(panels),
      controlGroupInput: {
        chainingSystem: 'HIERARCHICAL',
        controlStyle: 'oneLine',
        ignoreParentSettingsJSON: JSON.stringify({
          ignoreFilters: false,
          ignoreQuery: false,
          ignoreTimerange: false,
          ignoreValidations: false,
        }),
        panelsJSON: JSON.stringify(Object.fromEntries(inputs)),
      },
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references,
  );
}
