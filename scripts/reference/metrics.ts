import { EXPORT_ERRORS, METRICS, type MetricDefinition } from '@botaudit/sdk';
import { code, heading, table } from './markdown.ts';

export function metricsPage(): string {
  const metrics = Object.entries<MetricDefinition>(METRICS);
  return [
    heading('Metrics', 'packages/sdk/src/metrics/table.ts'),
    'Served to Prometheus on `127.0.0.1:9731/metrics` (`BOTAUDIT_METRICS`): of the processes that share a journal folder, one ' +
      'serves the sum over all. An application that has a prom-client registry of its own finds them in it; one that has an OpenTelemetry meter can have them published through it. Counters are for alerting; exact counts come from `botaudit verify`.\n',
    'No label holds the id of a person. A metric has at most 500 label sets; what comes after them is counted as `other`.\n',
    table(
      ['metric', 'type', 'unit', 'labels', 'meaning'],
      metrics.map(([name, { type, unit, labels, help }]) => [
        code(name),
        type,
        code(unit),
        labels.map(code).join(', '),
        help,
      ]),
    ),
    '\n## Reasons of `audit_export_errors_total`\n',
    table(
      ['reason', 'meaning'],
      Object.entries(EXPORT_ERRORS).map(([reason, meaning]) => [code(reason), meaning]),
    ),
  ].join('\n');
}
