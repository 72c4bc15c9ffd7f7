import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { series } from './panels.ts';
import { quantiles, rate } from './queries.ts';

/** What collectors take in, and pass on. */
export function collectors(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Collectors'))
    .withPanel(
      series(
        {
          title: 'Received',
          description: 'Records a second: accepted, and refused with 503 so that senders keep them.',
          unit: 'cps',
        },
        [rate('otelcol_receiver_accepted_log_records', 'instance'), '{{instance}} accepted'],
        [rate('otelcol_receiver_refused_log_records', 'instance'), '{{instance}} refused'],
        [rate('otelcol_receiver_failed_log_records', 'instance'), '{{instance}} failed'],
      ),
    )
    .withPanel(
      series({ title: 'Sent', description: 'Records a second, by exporter.', unit: 'cps' }, [
        rate('otelcol_exporter_sent_log_records', 'exporter'),
        '{{exporter}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'Queues', description: 'How full; a full one makes the collector answer 503.', unit: 'percentunit' },
        ['otelcol_exporter_queue_size / otelcol_exporter_queue_capacity', '{{instance}} {{exporter}}'],
      ),
    )
    .withPanel(
      series(
        {
          title: 'Dropped',
          description: 'In 15 minutes: records that the collector had accepted, and has given up on.',
        },
        ['sum by (exporter) (instance_exporter:otelcol_exporter_send_failed_log_records:increase15m)', '{{exporter}}'],
      ),
    );
}

/** What indexers store. */
export function indexers(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Indexers'))
    .withPanel(
      series({ title: 'Records by what became of them', description: 'A second.', unit: 'cps' }, [
        rate('audit_indexer_records_total', 'result'),
        '{{result}}',
      ]),
    )
    .withPanel(
      series(
        {
          title: 'Stored events by kind',
          description: 'The 15 most frequent, a second; each record counts once.',
          unit: 'cps',
        },
        [`topk(15, ${rate('audit_indexer_events_total', 'event')})`, '{{event}}'],
      ),
    )
    .withPanel(
      series(
        { title: 'Delay', description: 'From when a producer observed a record to when it is stored.', unit: 's' },
        ...quantiles('audit_indexer_delay_seconds'),
      ),
    )
    .withPanel(
      series(
        { title: 'Since the last record was stored', description: 'Grows also where nothing is recorded.', unit: 's' },
        ['time() - (audit_indexer_last_stored_timestamp_seconds > 0)', '{{instance}}'],
      ),
    )
    .withPanel(
      series({ title: 'Requests', description: 'A second, by the status of the answer.', unit: 'reqps' }, [
        rate('audit_indexer_requests_total', 'status'),
        '{{status}}',
      ]),
    )
    .withPanel(
      series({ title: 'Refused requests', description: 'A second, by reason.', unit: 'reqps' }, [
        rate('audit_indexer_requests_refused_total', 'reason'),
        '{{reason}}',
      ]),
    )
    .withPanel(
      series(
        { title: 'What waits for Elasticsearch', description: 'Records in memory; 503 is answered at the bound.' },
        ['audit_indexer_pending_records', '{{instance}}'],
      ),
    )
    .withPanel(
      series({ title: 'Memory of what waits', description: 'Requests and records.', unit: 'bytes' }, [
        'audit_indexer_pending_bytes',
        '{{instance}}',
      ]),
    )
    .withPanel(
      series(
        {
          title: 'Time of a bulk request',
          description: 'To the answer of Elasticsearch, whatever it says.',
          unit: 's',
        },
        ...quantiles('audit_indexer_bulk_duration_seconds'),
      ),
    )
    .withPanel(
      series(
        { title: 'Errors of Elasticsearch', description: 'A second, by reason; and 0 while it does not take records.' },
        [rate('audit_indexer_elasticsearch_errors_total', 'reason'), '{{reason}}'],
        ['audit_indexer_elasticsearch_up', '{{instance}} takes records'],
      ),
    )
    .withPanel(
      series(
        {
          title: 'Senders in the name of another service',
          description: 'Records in 15 minutes, by the credential used.',
        },
        ['sum by (principal) (instance_principal:audit_indexer_principal_mismatches:increase15m)', '{{principal}}'],
      ),
    );
}
