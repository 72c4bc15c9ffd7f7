import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { series } from './panels.ts';
import { JOB, quantiles, rate } from './queries.ts';

/** What bots write. */
export function journals(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Bots and their journals'))
    .withPanel(
      series({ title: 'Records written', description: 'A second, by deployment.', unit: 'cps' }, [
        rate('audit_records_emitted_total', 'job', JOB),
        '{{job}}',
      ]),
    )
    .withPanel(
      series({ title: 'Records lost', description: 'In 15 minutes, by reason. None of them comes back.' }, [
        `sum by (job, reason) (instance_reason:audit_records_dropped:increase15m{${JOB}})`,
        '{{job}} {{reason}}',
      ]),
    )
    .withPanel(
      series({ title: 'Records not synced', description: 'In 15 minutes, by reason; with durability power alone.' }, [
        `sum by (job, reason) (instance_reason:audit_records_unsynced:increase15m{${JOB}})`,
        '{{job}} {{reason}}',
      ]),
    )
    .withPanel(
      series({ title: 'Left out by the policy', description: 'Events in 15 minutes.' }, [
        `sum by (job, event) (increase(audit_events_left_out_total{${JOB}}[15m]))`,
        '{{job}} {{event}}',
      ]),
    )
    .withPanel(
      series({ title: 'Policy changes', description: 'Changes of the file in 15 minutes: loaded, or invalid.' }, [
        `sum by (job, result) (increase(audit_policy_reloads_total{${JOB}}[15m]))`,
        '{{job}} {{result}}',
      ]),
    )
    .withPanel(
      series({ title: 'Kept from happening', description: 'In 15 minutes: what fails closed and had no record.' }, [
        `sum by (job, event, reason) (instance_event_reason:audit_actions_refused:increase15m{${JOB}})`,
        '{{job}} {{event}} {{reason}}',
      ]),
    )
    .withPanel(
      series({ title: 'Twice', description: 'In 15 minutes: what came again, was done again, or was kept from it.' }, [
        `sum by (job, event, kind) (instance_event_kind:audit_duplicates:increase15m{${JOB}})`,
        '{{job}} {{event}} {{kind}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'Time to write a record', description: 'What auditing costs the bot, in its own thread.', unit: 's' },
        ...quantiles('audit_append_duration_seconds', JOB),
      ),
    )
    .withPanel(
      series({ title: 'Size of journals', description: 'The whole folder.', unit: 'bytes' }, [
        `audit_journal_bytes{${JOB}}`,
        '{{job}} {{instance}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'Audited processes', description: 'Streams that are open, and how many there should be.' },
        [`job:audit_streams:sum{${JOB}}`, '{{job}}'],
        [`job:audit_streams_expected:count{${JOB}}`, '{{job}} expected'],
      ),
    )
    .withPanel(
      series({ title: 'Heartbeats', description: 'In 15 minutes: three of each process.' }, [
        `sum by (job) (increase(audit_heartbeats_total{${JOB}}[15m]))`,
        '{{job}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'Errors inside audit code', description: 'In 15 minutes, by where; they were kept from the bot.' },
        [
          `sum by (job, source) (instance_source:audit_instrumentation_errors:increase15m{${JOB}})`,
          '{{job}} {{source}}',
        ],
      ),
    )
    .withPanel(
      series(
        {
          title: 'Offset of the clock',
          description: 'From that of the endpoint, either way; good to a second.',
          unit: 's',
        },
        [`audit_clock_offset_seconds{${JOB}}`, '{{job}} {{instance}}'],
      ),
    );
}

/** What they ship. */
export function shipping(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('From journals to the endpoint'))
    .withPanel(
      series(
        {
          title: 'Written and shipped',
          description: 'Records a second. Shipped ones that come twice count twice.',
          unit: 'cps',
        },
        [rate('audit_records_emitted_total', 'job', JOB), '{{job}} written'],
        [rate('audit_records_exported_total', 'job', JOB), '{{job}} shipped'],
      ),
    )
    .withPanel(
      series({ title: 'Records that wait', description: 'In journals, for the endpoint to acknowledge them.' }, [
        `audit_queue_depth{${JOB}}`,
        '{{job}} {{instance}}',
      ]),
    )
    .withPanel(
      series({ title: 'Age of the oldest that waits', description: 'Above 15 minutes somebody is woken.', unit: 's' }, [
        `audit_queue_oldest_age_seconds{${JOB}}`,
        '{{job}} {{instance}}',
      ]),
    )
    .withPanel(
      series(
        {
          title: 'Since the last acknowledgement',
          description: 'Grows also where there is nothing to ship.',
          unit: 's',
        },
        [`time() - (audit_last_acknowledged_timestamp_seconds{${JOB}} > 0)`, '{{job}} {{instance}}'],
      ),
    )
    .withPanel(
      series({ title: 'Failed requests', description: 'A second, by reason.', unit: 'reqps' }, [
        rate('audit_export_errors_total', 'reason', JOB),
        '{{reason}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'Time of a request', description: 'To the answer, whatever it says.', unit: 's' },
        ...quantiles('audit_export_duration_seconds', JOB),
      ),
    )
    .withPanel(
      series({ title: 'Rejected records', description: 'In 15 minutes: put aside in rejected.ndjson.' }, [
        `sum by (job) (instance:audit_records_rejected:increase15m{${JOB}})`,
        '{{job}}',
      ]),
    )
    .withPanel(
      series({ title: 'Breaks of the chain', description: 'In 15 minutes, by who noticed.' }, [
        `sum by (job, source) (instance_source:audit_chain_breaks:increase15m{${JOB}})`,
        '{{job}} {{source}}',
      ]),
    );
}
