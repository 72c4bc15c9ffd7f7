import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { series } from './panels.ts';
import { rate } from './queries.ts';

/** What indexers read from Kafka. */
export function kafka(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Indexers that read from Kafka'))
    .withPanel(
      series(
        {
          title: 'Messages to be read',
          description: 'In the partitions of an indexer, as of some seconds ago. What grows for days is lost one day.',
        },
        ['audit_indexer_kafka_lag_messages', '{{instance}}'],
      ),
    )
    .withPanel(
      series(
        { title: 'Messages read', description: 'A second; what is no OTLP goes to the rejected records.', unit: 'cps' },
        [rate('audit_indexer_kafka_messages_total', 'result'), '{{result}}'],
      ),
    )
    .withPanel(
      series(
        { title: 'Partitions', description: 'That an indexer reads. Together all of the topic, or nobody reads some.' },
        ['audit_indexer_kafka_partitions', '{{instance}}'],
        ['sum(audit_indexer_kafka_partitions)', 'all'],
      ),
    )
    .withPanel(
      series(
        { title: 'Trouble with Kafka', description: 'A second, by reason; and 0 while nothing can be read.' },
        [rate('audit_indexer_kafka_errors_total', 'reason'), '{{reason}}'],
        ['audit_indexer_kafka_up', '{{instance}} reads'],
      ),
    )
    .withPanel(
      series(
        {
          title: 'Partitions read from their beginning',
          description: 'In 15 minutes: there was nothing where the group was, so messages may be gone.',
        },
        ['instance:audit_indexer_kafka_offset_resets:increase15m', '{{instance}}'],
      ),
    );
}
