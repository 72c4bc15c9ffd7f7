import {
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Whichever Prometheus the reader has chosen at the top of the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dashboard
const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** The grid is 24 wide. */
const WIDTH = { stat: 6, series: 12, table: 24 } as const;

/** What every panel has. */
export interface PanelOptions {
  readonly title: string;
  /** What to make of it, for who hovers over the title. */
  readonly description: string;
  /** Grafana's id of a unit. Default: a plain number. */
  readonly unit?: string;
}

/** A query in PromQL, with the label of its series: `{{label}}` stands for a label's value. */
export type Query = readonly [expression: string, legend: string];

function query([expression, legend]: Query): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATA_SOURCE).expr(expression).legendFormat(legend);
}

/** One number. */
export function stat(
  { title, description, unit = 'short' }: PanelOptions,
  expression: string,
  /** From this value on the number is red. Default: never. */
  alarming?: number,
): StatBuilder {
  const steps = [{ value: null, color: 'green' }];
  return new StatBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .span(WIDTH.stat)
    .height(4)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(alarming === undefined ? steps : [...steps, { value: alarming, color: 'red' }]),
    )
    .withTarget(query([expression, '']).instant());
}

/** Curves over time. */
export function series(
  { title, description, unit = 'short' }: PanelOptions,
  ...queries: readonly Query[]
): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .span(WIDTH.series)
    .height(8)
    .min(0)
    .fillOpacity(8)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .targets(queries.map(query));
}

/** A row for each series, a column for each label, and the value now. */
export function table({ title, description, unit = 'short' }: PanelOptions, expression: string): TableBuilder {
  return new TableBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .span(WIDTH.table)
    .height(8)
    .filterable(true)
    .withTarget(query([expression, '']).instant().format(PromQueryFormat.Table))
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true, __name__: true } } });
}

/** A dashboard with the choice of the Prometheus, and of the deployments. */
export function dashboard(uid: string, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['botaudit'])
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('1m')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
}

/** A choice among the values of a label; all of them at first. */
export function labelVariable(name: string, label: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query(`label_values(${metric}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}
