import { metrics as otel } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Counter, Gauge, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import {
  EXPORT_ERRORS,
  joinRegistry,
  LOSSES,
  METRICS,
  type MetricDefinition,
  Metrics,
  publishToMeter,
} from '../../src/metrics/index.js';

const EVENT = {
  bot_id: 'telegram:7',
  framework: 'grammy',
  event: 'bot.command',
  action: 'EXECUTE',
  outcome: 'success',
};

const definitions = Object.entries(METRICS) as [string, MetricDefinition][];

describe('the table', () => {
  test.each(definitions)(
    '%s has a name, a unit and a help as Prometheus wants them',
    (name, { type, unit, help, labels }) => {
      expect(name).toMatch(/^audit_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (unit === 's') expect(name).toMatch(/_seconds$/);
      if (unit === 'By') expect(name).toMatch(/_bytes$/);
      expect(help).toMatch(/^[A-Z].*\.$/);
      for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    },
  );

  test('no label is the id of a person', () => {
    const labels = new Set(definitions.flatMap(([, definition]) => definition.labels));
    expect([...labels].filter((label) => /actor|user|chat/.test(label))).toEqual([]);
  });
});

test('series that alerts look at are there at 0 from the start', () => {
  const metrics = new Metrics();
  const { values } = metrics.one('audit_export_errors_total');
  expect(values).toEqual(Object.keys(EXPORT_ERRORS).map((reason) => ({ labels: { reason }, value: 0 })));
  expect(metrics.one('audit_records_dropped_total').values).toEqual(
    Object.keys(LOSSES).map((reason) => ({ labels: { reason }, value: 0 })),
  );
  for (const name of ['audit_records_emitted_total', 'audit_records_rejected_total', 'audit_queue_depth'] as const) {
    expect(metrics.one(name).values).toEqual([{ labels: {}, value: 0 }]);
  }
});

test('a counter adds, a gauge is set, adding 0 makes a series known', () => {
  const metrics = new Metrics();
  metrics.add('audit_events_total', EVENT);
  metrics.add('audit_events_total', EVENT, 2);
  metrics.add('audit_instrumentation_errors_total', { source: 'grammy' }, 0);
  metrics.set('audit_journal_bytes', {}, 7);
  metrics.set('audit_journal_bytes', {}, 5);
  expect(metrics.one('audit_events_total').values).toEqual([{ labels: EVENT, value: 3 }]);
  expect(metrics.one('audit_instrumentation_errors_total').values).toEqual([
    { labels: { source: 'grammy' }, value: 0 },
  ]);
  expect(metrics.one('audit_journal_bytes').values).toEqual([{ labels: {}, value: 5 }]);
});

test('after 500 label sets the next ones are counted as other', () => {
  const metrics = new Metrics();
  for (let index = 0; index < 700; index++)
    metrics.add('audit_events_total', { ...EVENT, bot_id: `telegram:${index}` });
  metrics.add('audit_events_total', { ...EVENT, bot_id: 'telegram:3' });
  const { values } = metrics.one('audit_events_total');
  expect(values).toHaveLength(501);
  const other = { bot_id: 'other', framework: 'other', event: 'other', action: 'other', outcome: 'other' };
  expect(values.at(-1)).toEqual({ labels: other, value: 200 });
  expect(values[3]).toEqual({ labels: { ...EVENT, bot_id: 'telegram:3' }, value: 2 });
});

test('changes are told from none', () => {
  const metrics = new Metrics();
  const before = metrics.changes;
  metrics.snapshot();
  expect(metrics.changes).toBe(before);
  metrics.observe('audit_append_duration_seconds', {}, 0.1);
  expect(metrics.changes).not.toBe(before);
});

test('the snapshot is what prom-client makes of the same measurements', async () => {
  const metrics = new Metrics();
  const registry = new Registry();
  const registers = [registry];
  for (const [name, { type, help, labels, aggregator, buckets, initial = [] }] of definitions) {
    const options = { name, help, labelNames: [...labels], registers, aggregator };
    if (type === 'counter') {
      const counter = new Counter(options);
      for (const series of initial) counter.inc(series, 0);
    } else if (type === 'gauge') {
      const gauge = new Gauge(options);
      for (const series of initial) gauge.set(series, 0);
    } else new Histogram({ ...options, buckets: [...(buckets ?? [])] });
  }
  const theirs = registry.getSingleMetric('audit_export_duration_seconds') as Histogram;
  for (const value of [0.001, 0.005, 0.2, 1.5, 100]) {
    theirs.observe(value);
    metrics.observe('audit_export_duration_seconds', {}, value);
  }
  (registry.getSingleMetric('audit_events_total') as Counter).inc(EVENT, 4);
  metrics.add('audit_events_total', EVENT, 4);
  expect(normalised(metrics.snapshot())).toEqual(normalised(await registry.getMetricsAsJSON()));
});

/** Without what prom-client says twice, or says is not there. */
const normalised = (metrics: readonly object[]) =>
  JSON.parse(JSON.stringify(metrics, (key, value) => (key === 'exemplar' || value === null ? undefined : value)));

describe('in a registry of the application', () => {
  test('the metrics stand beside the application’s own, as they are when it is scraped', async () => {
    const metrics = new Metrics();
    const registry = new Registry();
    new Counter({ name: 'app_requests_total', help: 'Requests.', registers: [registry] });
    expect(joinRegistry(metrics, registry)).toEqual([]);
    metrics.add('audit_events_total', EVENT, 3);
    metrics.observe('audit_export_duration_seconds', {}, 0.3);
    const text = await registry.metrics();
    expect(text).toContain('app_requests_total 0');
    expect(text).toContain('# TYPE audit_events_total counter');
    expect(text).toMatch(/audit_events_total\{bot_id="telegram:7",.*outcome="success"\} 3/);
    expect(text).toContain('audit_export_duration_seconds_bucket{le="0.5"} 1');
    expect(text).toContain('audit_export_duration_seconds_count 1');
  });

  test('of OpenMetrics they have its names', async () => {
    const metrics = new Metrics();
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    joinRegistry(metrics, registry);
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await registry.metrics();
      expect(text).toContain('# TYPE audit_records_emitted counter');
      expect(text).toMatch(/^audit_records_emitted_total 0$/m);
      expect(text).not.toContain('_total_total');
    }
  });

  test('names that are taken stay the application’s, and are told', async () => {
    const registry = new Registry();
    const own = new Gauge({ name: 'audit_queue_depth', help: 'Theirs.', registers: [registry] });
    own.set(77);
    expect(joinRegistry(new Metrics(), registry)).toEqual(['audit_queue_depth']);
    expect(await registry.metrics()).toContain('audit_queue_depth 77');
  });

  test('a reset of the registry does not make them forget', async () => {
    const metrics = new Metrics();
    const registry = new Registry();
    joinRegistry(metrics, registry);
    metrics.add('audit_records_emitted_total', {}, 5);
    registry.resetMetrics();
    expect(await registry.metrics()).toContain('audit_records_emitted_total 5');
  });
});

test('through an OpenTelemetry meter they come out under the same names and labels', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = new Metrics();
  metrics.add('audit_events_total', EVENT, 2);
  publishToMeter(metrics, provider.getMeter('audit'));
  metrics.add('audit_events_total', EVENT, 3);
  metrics.set('audit_queue_depth', {}, 9);
  metrics.observe('audit_export_duration_seconds', {}, 0.3);
  await reader.forceFlush();
  const found = new Map(
    exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .map((metric) => [metric.descriptor.name, metric]),
  );
  await provider.shutdown();
  expect(found.get('audit_events_total')?.dataPoints).toMatchObject([{ attributes: EVENT, value: 5 }]);
  expect(found.get('audit_queue_depth')?.dataPoints).toMatchObject([{ value: 9 }]);
  const histogram = found.get('audit_export_duration_seconds');
  expect(histogram?.descriptor.unit).toBe('s');
  expect(histogram?.dataPoints[0]?.value).toMatchObject({
    count: 1,
    sum: 0.3,
    buckets: { boundaries: [...METRICS.audit_export_duration_seconds.buckets] },
  });
  // Nothing global was set.
  expect(otel.getMeterProvider().getMeter('x').constructor.name).toMatch(/noop/i);
});
