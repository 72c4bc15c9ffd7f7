import { type Dashboard, type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, labelVariable, stat, table } from './panels.ts';
import { journals, shipping } from './pipeline-bots.ts';
import { canaries } from './pipeline-canaries.ts';
import { kafka } from './pipeline-kafka.ts';
import { collectors, indexers } from './pipeline-services.ts';
import { sink } from './pipeline-sink.ts';
import { JOB } from './queries.ts';

/** Where records are on their way from bots to the index, and what keeps them. */
export function pipelineDashboard(): Dashboard {
  const empty = dashboard(
    'botaudit-pipeline',
    'BotAudit: pipeline',
    'The way of audit records from bots to the index: what waits, what is refused, what is lost.',
  ).withVariable(labelVariable('job', 'Deployment', 'audit_records_emitted_total'));
  return [health, journals, shipping, collectors, indexers, kafka, sink, canaries]
    .reduce((board, row) => row(board), empty)
    .build();
}

function health(board: DashboardBuilder): DashboardBuilder {
  return board
    .withRow(new RowBuilder('Health'))
    .withPanel(
      stat(
        { title: 'Lost', description: 'Records that could not be written to a journal, in the chosen time.' },
        `sum(increase(audit_records_dropped_total{${JOB}}[$__range]))`,
        1,
      ),
    )
    .withPanel(
      stat(
        { title: 'Oldest that waits', description: 'Age of the oldest record that no endpoint has taken.', unit: 's' },
        `max(audit_queue_oldest_age_seconds{${JOB}})`,
        900,
      ),
    )
    .withPanel(
      stat(
        {
          title: 'Breaks of the chain',
          description: 'In the chosen time: lines that do not follow from those before.',
        },
        `sum(increase(audit_chain_breaks_total{${JOB}}[$__range]))`,
        1,
      ),
    )
    .withPanel(
      stat({ title: 'Audited processes', description: 'Streams that are open.' }, `sum(job:audit_streams:sum{${JOB}})`),
    )
    .withPanel(
      table(
        { title: 'Alerts', description: 'Those about audit that fire or are about to; of all deployments.' },
        'ALERTS{alertname=~"Audit.+", severity=~"page|ticket"}',
      ),
    )
    .withPanel(
      table(
        { title: 'Frameworks', description: 'Processes by the framework they have loaded, and whether it is audited.' },
        `sum by (job, framework, version, supported) (audit_instrumented_frameworks{${JOB}})`,
      ),
    );
}
