import type { ViewId } from './data-views.ts';
import { type Query, stored } from './queries.ts';
import { type SavedObject, savedObject } from './saved-object.ts';

/** One layer is all that a panel here has. */
const LAYER = 'layer';

/** A column of Lens: what rows are parted by, or what is counted. */
export type Column = Readonly<Record<string, unknown>> & { readonly isBucketed: boolean };

/** What each panel has. */
export interface PanelOptions {
  readonly title: string;
  /** What to make of it. */
  readonly description: string;
  readonly query?: Query;
  readonly dataView?: ViewId;
}

type Columns = Readonly<Record<string, Column>>;

/** Records by the time of what they tell of. */
export const OVER_TIME: Column = {
  label: 'Time',
  customLabel: true,
  dataType: 'date',
  operationType: 'date_histogram',
  sourceField: '@timestamp',
  isBucketed: true,
  scale: 'interval',
  params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
};

/** Records, each once: after a rollover one that is sent again can stand in the index twice. */
export const RECORDS: Column = {
  label: 'Records',
  customLabel: true,
  dataType: 'number',
  operationType: 'unique_count',
  sourceField: 'audit.record.id',
  isBucketed: false,
  scale: 'ratio',
  params: { emptyAsNull: false },
};

/** Documents, whatever they hold. */
export const DOCUMENTS: Column = {
  label: 'Documents',
  customLabel: true,
  dataType: 'number',
  operationType: 'count',
  sourceField: '___records___',
  isBucketed: false,
  scale: 'ratio',
  params: { emptyAsNull: false },
};

/** The latest of a field of dates. */
export const latest = (label: string, sourceField: string): Column => ({
  label,
  customLabel: true,
  dataType: 'date',
  operationType: 'max',
  sourceField,
  isBucketed: false,
  scale: 'ratio',
  params: { emptyAsNull: true },
});

/** The values of a field that most records have; `orderBy` is the id of the column that says how many. */
export const top = (label: string, sourceField: string, size: number, orderBy = 'value'): Column => ({
  label,
  customLabel: true,
  dataType: 'string',
  operationType: 'terms',
  sourceField,
  isBucketed: true,
  scale: 'ordinal',
  params: {
    size,
    orderBy: { type: 'column', columnId: orderBy },
    orderDirection: 'desc',
    otherBucket: false,
    missingBucket: false,
    parentFormat: { id: 'terms' },
    include: [],
    exclude: [],
    includeIsRegex: false,
    excludeIsRegex: false,
  },
});

function lens(
  id: string,
  { title, description, query = '', dataView = 'botaudit-records' }: PanelOptions,
  visualizationType: string,
  visualization: Readonly<Record<string, unknown>>,
  columns: Columns,
): SavedObject {
  const layer = { columns, columnOrder: Object.keys(columns), incompleteColumns: {}, sampling: 1 };
  return savedObject(
    'lens',
    id,
    {
      title,
      description,
      visualizationType,
      state: {
        visualization,
        query: stored(query),
        filters: [],
        datasourceStates: { formBased: { layers: { [LAYER]: layer } } },
        adHocDataViews: {},
        internalReferences: [],
      },
    },
    [{ type: 'index-pattern', id: dataView, name: `indexpattern-datasource-layer-${LAYER}` }],
  );
}

/** One number. */
export function metric(id: string, options: PanelOptions, value: Column = RECORDS): SavedObject {
  const visualization = { layerId: LAYER, layerType: 'data', metricAccessor: 'value' };
  return lens(id, options, 'lnsMetric', visualization, { value });
}

/** Stacked bars over time, parted by the values of a field. */
export function bars(
  id: string,
  options: PanelOptions,
  by: readonly [label: string, field: string],
  value: Column = RECORDS,
): SavedObject {
  const visualization = {
    legend: { isVisible: true, position: 'right' },
    valueLabels: 'hide',
    preferredSeriesType: 'bar_stacked',
    layers: [
      {
        layerId: LAYER,
        layerType: 'data',
        seriesType: 'bar_stacked',
        xAccessor: 'time',
        splitAccessor: 'by',
        accessors: ['value'],
      },
    ],
  };
  return lens(id, options, 'lnsXY', visualization, { by: top(...by, 10), time: OVER_TIME, value });
}

/** A row for each value of the fields, with what is counted. */
export function table(
  id: string,
  options: PanelOptions,
  rows: readonly (readonly [label: string, field: string])[],
  values: Columns = { value: RECORDS },
): SavedObject {
  const columns: Columns = {
    ...Object.fromEntries(rows.map(([label, field], index) => [`row${index}`, top(label, field, 20)])),
    ...values,
  };
  const visualization = {
    layerId: LAYER,
    layerType: 'data',
    columns: Object.entries(columns).map(([columnId, { isBucketed }]) => ({ columnId, isMetric: !isBucketed })),
  };
  return lens(id, options, 'lnsDatatable', visualization, columns);
}
