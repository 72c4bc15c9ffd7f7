import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { series } from './panels.ts';
import { JOB } from './queries.ts';

/** What `botaudit verify --watch` finds at a sink. */
export function sink(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Sink'))
    .withPanel(
      series(
        {
          title: 'Missing at the sink',
          description:
            'Records that should be there and are not, but for those that may be on their way. Above 0 somebody is woken.',
        },
        [`audit_sink_missing_records{${JOB}}`, '{{job}} {{source}}'],
      ),
    )
    .withPanel(
      series(
        {
          title: 'Since the sink was verified',
          description: 'Beside the time between two verifications. Above twice that a ticket is opened.',
          unit: 's',
        },
        [`time() - (audit_sink_last_verified_timestamp_seconds{${JOB}} > 0)`, '{{job}} {{source}}'],
        [`audit_sink_verification_interval_seconds{${JOB}}`, '{{job}} {{source}} interval'],
      ),
    )
    .withPanel(
      series({ title: 'Verifications that failed', description: 'In an hour: not all of the sink could be read.' }, [
        `sum by (job, source) (increase(audit_sink_verification_failures_total{${JOB}}[1h]))`,
        '{{job}} {{source}}',
      ]),
    );
}
