import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { series } from './panels.ts';
import { JOB } from './queries.ts';

/** Records that are sent to see that all of it works. */
export function canaries(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Canaries'))
    .withPanel(
      series(
        {
          title: 'Since one came through',
          description: 'By leg of the way, beside the time between two. Above twice that a ticket is opened.',
          unit: 's',
        },
        [`time() - (audit_canary_last_success_timestamp_seconds{${JOB}} > 0)`, '{{job}} {{leg}}'],
        [`audit_canary_interval_seconds{${JOB}} > 0`, '{{job}} interval'],
      ),
    )
    .withPanel(
      series({ title: 'Time of a leg', description: 'Of the last canary that came through.', unit: 's' }, [
        `audit_canary_duration_seconds{${JOB}}`,
        '{{job}} {{leg}}',
      ]),
    )
    .withPanel(
      series({ title: 'Canaries that failed', description: 'In an hour, by the leg that they did not come through.' }, [
        `sum by (job, leg) (increase(audit_canary_failures_total{${JOB}}[1h]))`,
        '{{job}} {{leg}}',
      ]),
    )
    .withPanel(
      series(
        {
          title: 'Since the archive was made, and read',
          description:
            'Since botaudit archive and its restore check last succeeded, beside the time between two. Above twice that a ticket is opened.',
          unit: 's',
        },
        [`time() - (audit_archive_last_success_timestamp_seconds{${JOB}} > 0)`, '{{job}} {{operation}}'],
        [`audit_archive_interval_seconds{${JOB}}`, '{{job}} {{operation}} interval'],
      ),
    );
}
