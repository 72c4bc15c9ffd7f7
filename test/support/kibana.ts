import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SavedObject } from '../../scripts/kibana/saved-object.ts';

const FILE = fileURLToPath(new URL('../../collector-config/kibana/saved-objects.ndjson', import.meta.url));

/** What a saved object asks of Elasticsearch. */
export interface KibanaRequest {
  /** Id of the saved object. */
  readonly id: string;
  readonly index: string;
  readonly body: {
    readonly size: number;
    readonly query: object;
    readonly sort?: object;
    readonly aggs?: Aggregations;
  };
  /** Every field that it names. */
  readonly fields: readonly string[];
}

interface Aggregations {
  readonly [name: string]: Readonly<Record<string, object>> & { readonly aggs?: Aggregations };
}

/** A query as saved objects hold it. */
interface StoredQuery {
  readonly query: string;
  readonly language: string;
}

/** A column of Lens, as far as panels here use it. */
interface LensColumn {
  readonly operationType: string;
  readonly sourceField: string;
  readonly isBucketed: boolean;
  readonly params: { readonly size?: number; readonly orderBy?: { readonly columnId: string } };
}

interface LensState {
  readonly query: StoredQuery;
  readonly datasourceStates: {
    readonly formBased: {
      readonly layers: Readonly<
        Record<string, { readonly columns: Readonly<Record<string, LensColumn>>; readonly columnOrder: string[] }>
      >;
    };
  };
}

/** The objects that an operator imports. */
export async function readSavedObjects(): Promise<SavedObject[]> {
  const lines = (await readFile(FILE, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as SavedObject);
}

/** What Kibana would send for each search, panel and control of these objects, for a range of time. */
export function requestsOf(
  objects: readonly SavedObject[],
  range: readonly [from: string, to: string],
): KibanaRequest[] {
  return objects.flatMap((object) => {
    if (object.type === 'search') return [searchRequest(objects, object, range)];
    if (object.type === 'lens') return [lensRequest(objects, object, range)];
    if (object.type === 'dashboard') return controlRequests(objects, object, range);
    return [];
  });
}

/** The controls of a dashboard. */
function controlsOf({ attributes }: SavedObject): Record<string, { explicitInput: { fieldName: string } }> {
  return JSON.parse((attributes.controlGroupInput as { panelsJSON: string }).panelsJSON);
}

type Range = readonly [from: string, to: string];

function searchRequest(objects: readonly SavedObject[], object: SavedObject, range: Range): KibanaRequest {
  const { columns, sort, kibanaSavedObjectMeta } = object.attributes as {
    columns: string[];
    sort: [string, string][];
    kibanaSavedObjectMeta: { searchSourceJSON: string };
  };
  const { query } = JSON.parse(kibanaSavedObjectMeta.searchSourceJSON) as { query: StoredQuery };
  const order = sort.map(([field, direction]) => ({ [field]: { order: direction, unmapped_type: 'boolean' } }));
  return {
    id: object.id,
    index: indexOf(objects, object.references[0]?.id),
    body: { size: 500, query: filtered(query, range), sort: order },
    fields: [...columns, ...sort.map(([field]) => field), ...fieldsOf(query)],
  };
}

function lensRequest(objects: readonly SavedObject[], object: SavedObject, range: Range): KibanaRequest {
  const { query, datasourceStates } = object.attributes.state as LensState;
  const [layer, ...more] = Object.values(datasourceStates.formBased.layers);
  if (!layer || more.length > 0) throw new Error(`${object.id}: not one layer`);
  const columns = layer.columnOrder.map((id) => [id, columnOf(object, layer.columns, id)] as const);
  const metrics = Object.fromEntries(
    columns.filter(([, { isBucketed }]) => !isBucketed).map(([id, column]) => [id, metricAggregation(column)]),
  );
  const buckets = columns.filter(([, { isBucketed }]) => isBucketed);
  const within = ([outermost, ...others]: typeof buckets): Aggregations => {
    if (!outermost) return metrics;
    const [id, column] = outermost;
    return { [id]: { ...bucketAggregation(column), aggs: { ...metrics, ...within(others) } } };
  };
  return {
    id: object.id,
    index: indexOf(objects, object.references[0]?.id),
    body: { size: 0, query: filtered(query, range), aggs: within(buckets) },
    fields: [
      ...columns.map(([, { sourceField }]) => sourceField).filter((field) => field !== '___records___'),
      ...fieldsOf(query),
    ],
  };
}

function controlRequests(objects: readonly SavedObject[], object: SavedObject, range: Range): KibanaRequest[] {
  return Object.entries(controlsOf(object)).map(([id, { explicitInput }]) => {
    const name = `controlGroup_${id}:optionsListDataView`;
    const field = explicitInput.fieldName;
    return {
      id: `${object.id}/${field}`,
      index: indexOf(objects, object.references.find((reference) => reference.name === name)?.id),
      body: {
        size: 0,
        query: filtered({ query: '', language: 'kuery' }, range),
        aggs: { value: { terms: { field, size: 10 } } },
      },
      fields: [field],
    };
  });
}

function columnOf(object: SavedObject, columns: Readonly<Record<string, LensColumn>>, id: string): LensColumn {
  const column = columns[id];
  if (!column) throw new Error(`${object.id}: no column ${id}`);
  const by = column.params.orderBy?.columnId;
  if (by !== undefined && !columns[by]) throw new Error(`${object.id}: ${id} is ordered by ${by}, which is not there`);
  return column;
}

function metricAggregation({ operationType, sourceField: field }: LensColumn): Aggregations[string] {
  if (operationType === 'unique_count') return { cardinality: { field } };
  if (operationType === 'max') return { max: { field } };
  if (operationType === 'count' && field === '___records___') return { value_count: { field: '_index' } };
  throw new Error(`An operation that the tests don't know: ${operationType}`);
}

function bucketAggregation({ operationType, sourceField: field, params }: LensColumn): Aggregations[string] {
  if (operationType === 'date_histogram') {
    return { date_histogram: { field, fixed_interval: '1h', time_zone: 'UTC', min_doc_count: 1 } };
  }
  if (operationType === 'terms') {
    return { terms: { field, size: params.size, order: { [params.orderBy?.columnId ?? '_count']: 'desc' } } };
  }
  throw new Error(`An operation that the tests don't know: ${operationType}`);
}

/** The pattern of a data view. */
function indexOf(objects: readonly SavedObject[], id: string | undefined): string {
  const view = objects.find((object) => object.type === 'index-pattern' && object.id === id);
  if (!view) throw new Error(`There is no data view ${id}`);
  return view.attributes.title as string;
}

function filtered({ query, language }: StoredQuery, [gte, lte]: Range): object {
  if (query !== '' && language !== 'lucene') throw new Error(`A query that tests can't run as it is: ${query}`);
  const text = query === '' ? [] : [{ query_string: { query, analyze_wildcard: true, time_zone: 'UTC' } }];
  const time = { range: { '@timestamp': { gte, lte, format: 'strict_date_optional_time' } } };
  return { bool: { must: text, filter: [time] } };
}

/** The fields that a query in Lucene's syntax names. */
function fieldsOf({ query }: StoredQuery): string[] {
  const withoutTexts = query.replace(/"[^"]*"/g, '""');
  const named = [...withoutTexts.matchAll(/([a-z_.]+):/g)].map(([, field]) => field ?? '');
  const existing = [...withoutTexts.matchAll(/_exists_:([a-z_.]+)/g)].map(([, field]) => field ?? '');
  return [...named.filter((field) => field !== '_exists_'), ...existing];
}
