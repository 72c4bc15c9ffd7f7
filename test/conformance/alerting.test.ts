import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INDEXER_METRICS } from '@botaudit/indexer';
import { METRICS, type MetricDefinition } from '@botaudit/sdk';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { faster } from '../../scripts/stack/parts/faster.ts';
import {
  ALERTMANAGER_FILE,
  RUNBOOKS_FOLDER,
  readPanelQueries,
  readRules,
  readRuleTests,
  withoutVariables,
} from '../support/alerting.ts';
import { type Selector, selectorsOf } from '../support/promql.ts';

/** What is emitted by others: the collector, as `test/stack` sees it there; Prometheus itself; the operator's rules. */
const OF_THE_COLLECTOR = [
  'otelcol_exporter_queue_capacity',
  'otelcol_exporter_queue_size',
  'otelcol_exporter_send_failed_log_records',
  'otelcol_exporter_sent_log_records',
  'otelcol_receiver_accepted_log_records',
  'otelcol_receiver_failed_log_records',
  'otelcol_receiver_refused_log_records',
];
const OF_PROMETHEUS = ['up', 'ALERTS'];
const OF_THE_OPERATOR = ['job:audit_streams_expected:count'];

const OURS: Readonly<Record<string, Pick<MetricDefinition, 'type' | 'labels' | 'initial'>>> = {
  ...METRICS,
  ...INDEXER_METRICS,
};

const { recordings, alerts } = await readRules();
const tests = await readRuleTests();
const expressions = [
  ...recordings.map(({ record, expr }) => ({ name: record, expr })),
  ...alerts.map(({ alert, expr }) => ({ name: alert, expr })),
  ...(await readPanelQueries()).map(({ panel, expr }) => ({ name: panel, expr: withoutVariables(expr) })),
];
const selectors = expressions.flatMap(({ name, expr }) => selectorsOf(expr).map((selector) => ({ name, ...selector })));

/** A metric of ours, by the name of one of its series. */
function metricOf(series: string): string | undefined {
  if (Object.hasOwn(OURS, series)) return OURS[series]?.type === 'histogram' ? undefined : series;
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return OURS[base]?.type === 'histogram' ? base : undefined;
}

test.each<[string, Selector[]]>([
  [
    'sum by (job, a_label) (rate(x_total{job=~"$job", a="by (x)"}[5m])) / on (job) group_left y',
    [
      {
        metric: 'x_total',
        matchers: [
          { label: 'job', operator: '=~', value: '$job' },
          { label: 'a', operator: '=', value: 'by (x)' },
        ],
      },
      { metric: 'y', matchers: [] },
    ],
  ],
  [
    'level:x:sum unless last_over_time(z[1d] offset 15m) > 15m # not a_metric',
    [
      { metric: 'level:x:sum', matchers: [] },
      { metric: 'z', matchers: [] },
    ],
  ],
  ['vector(1) or group by (job) (up == bool 0)', [{ metric: 'up', matchers: [] }]],
])('the metrics of %s are found', (expression, expected) => {
  expect(selectorsOf(expression)).toEqual(expected);
});

describe('rules and dashboards', () => {
  test('name no metric that nothing emits', () => {
    const others = [
      ...OF_THE_COLLECTOR,
      ...OF_PROMETHEUS,
      ...OF_THE_OPERATOR,
      ...recordings.map(({ record }) => record),
    ];
    const unknown = selectors.filter(({ metric }) => !others.includes(metric) && metricOf(metric) === undefined);
    expect(unknown).toEqual([]);
  });

  test('leave out no metric that is emitted, and no series that is recorded', () => {
    const used = new Set(selectors.flatMap(({ metric }) => [metric, metricOf(metric)]));
    expect(Object.keys(OURS).filter((name) => !used.has(name))).toEqual([]);
    expect(recordings.map(({ record }) => record).filter((name) => !used.has(name))).toEqual([]);
  });

  test('select by labels that a metric has, and by values that it takes', () => {
    const wrong = selectors.flatMap(({ name, metric, matchers }) => {
      const { labels, initial = [] } = OURS[metricOf(metric) ?? ''] ?? {};
      if (!labels) return [];
      return matchers.flatMap(({ label, operator, value }) => {
        if (!['job', 'instance', 'le', ...labels].includes(label)) return [`${name}: ${metric} has no label ${label}`];
        const known = initial.map((series) => series[label]);
        const values = operator.includes('~') ? value.split('|') : [value];
        if (known.length === 0 || value === '.*') return [];
        return values.filter((each) => !known.includes(each)).map((each) => `${name}: ${metric}{${label}="${each}"}`);
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe('rules', () => {
  test('record series named level:metric:operations', () => {
    for (const { record } of recordings) expect(record).toMatch(/^[a-z_]+:[a-z][a-z_]*:[a-z0-9_]+$/);
  });

  test('have alerts with a severity, a summary and a description', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(alert).toMatch(/^Audit[A-Z][A-Za-z]+$/);
      expect(labels.severity).toMatch(alert === 'AuditWatchdog' ? /^none$/ : /^(page|ticket)$/);
      expect(annotations.summary).toMatch(/\S/);
      expect(annotations.description).toMatch(/\.$/);
    }
  });

  test('have alerts of different names', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });
});

describe('each alert', () => {
  const names = alerts.map(({ alert }) => alert);

  test.each(alerts)('$alert links to its runbook', async ({ alert, labels, annotations }) => {
    expect(annotations.runbook_url).toMatch(new RegExp(`/${alert}\\.md$`));
    const page = await readFile(join(RUNBOOKS_FOLDER, `${alert}.md`), 'utf8');
    const severity = { page: '**Page.**', ticket: '**Ticket.**', none: '**Not an alert' }[labels.severity];
    expect(page.startsWith(`# ${alert}\n\n${severity}`)).toBe(true);
  });

  test('has a runbook, and each runbook an alert', async () => {
    const pages = (await readdir(RUNBOOKS_FOLDER)).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(names.map((name) => `${name}.md`).sort());
  });

  test('stands in the list of how it was tried', async () => {
    const list = await readFile(join(RUNBOOKS_FOLDER, 'README.md'), 'utf8');
    const rows = [...list.matchAll(/^\| \[(\w+)\]\((\w+)\.md\) +\| (\w+)/gm)].map(([, name, file, severity]) => {
      expect(file).toBe(name);
      return { name, severity };
    });
    expect(rows).toEqual(alerts.map(({ alert, labels }) => ({ name: alert, severity: labels.severity })));
  });

  test.each(names.filter((name) => name !== 'AuditWatchdog'))(
    '%s has a case that fires it and one that does not',
    (name) => {
      const cases = tests
        .flatMap(({ alert_rule_test = [] }) => alert_rule_test)
        .filter((one) => one.alertname === name);
      expect(cases.filter(({ exp_alerts = [] }) => exp_alerts.length > 0)).not.toEqual([]);
      expect(cases.filter(({ exp_alerts = [] }) => exp_alerts.length === 0)).not.toEqual([]);
    },
  );

  test('that Alertmanager routes or inhibits exists', async () => {
    const text = await readFile(ALERTMANAGER_FILE, 'utf8');
    const named = text.match(/\bAudit[A-Z]\w+/g) ?? [];
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('time passes faster for a trial', () => {
  const RULES = `
groups:
  - name: one
    rules:
      - alert: Late15m
        expr: last_over_time(increase15m[1d] offset 15m) > 15m or x > 5
        for: 1m
        annotations: {description: for 15m}
`;

  test('in expressions and pauses, and nowhere else', () => {
    expect(parse(faster(RULES, 60)).groups[0].rules[0]).toEqual({
      alert: 'Late15m',
      expr: 'last_over_time(increase15m[1440000ms] offset 15000ms) > 15000ms or x > 5',
      for: '1000ms',
      annotations: { description: 'for 15m' },
    });
  });

  test('but scrapes stay a second apart', () => {
    const config = 'global: {scrape_interval: 15s, scrape_timeout: 10s, evaluation_interval: 2m}';
    const intervals = { scrape_interval: '1000ms', scrape_timeout: '1000ms', evaluation_interval: '2000ms' };
    expect(parse(faster(config, 60))).toEqual({ global: intervals });
  });

  test('once as fast is as it was', () => {
    expect(parse(faster(RULES, 1))).toEqual(parse(RULES));
  });
});
