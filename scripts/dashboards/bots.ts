import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, labelVariable, series, stat, table } from './panels.ts';

const CHOSEN = 'job=~"$job", bot_id=~"$bot_id"';
const EVENTS = `audit_events_total{${CHOSEN}}`;
const RATE = `bot_event_outcome:audit_events:rate5m{${CHOSEN}}`;
const BOT = `bot:audit_events:rate5m{${CHOSEN}}`;
const USUAL = `bot:audit_events:rate5m_avg1w{${CHOSEN}}`;
const SPREAD = `bot:audit_events:rate5m_stddev1w{${CHOSEN}}`;

/** What bots do, each beside what it usually does. */
export function botsDashboard(): Dashboard {
  return dashboard('botaudit-bots', 'BotAudit: bots', 'What audited bots do, and how that differs from what they did.')
    .withVariable(labelVariable('job', 'Deployment', 'audit_events_total'))
    .withVariable(labelVariable('bot_id', 'Bot', 'audit_events_total{job=~"$job"}'))

    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      stat(
        { title: 'Audited processes', description: 'Streams that are open.' },
        'sum(job:audit_streams:sum{job=~"$job"})',
      ),
    )
    .withPanel(
      stat(
        {
          title: 'Events',
          description: 'In the chosen time. Counters are approximate: exact counts come from a search.',
        },
        `sum(increase(${EVENTS}[$__range]))`,
      ),
    )
    .withPanel(
      stat(
        {
          title: 'Without success',
          description: 'Events in the chosen time that failed, or were denied, or whose outcome is unknown.',
        },
        `sum(increase(audit_events_total{${CHOSEN}, outcome!="success"}[$__range])) or vector(0)`,
      ),
    )
    .withPanel(
      stat(
        { title: 'Alerts', description: 'Alerts about audit that fire now, of all deployments.' },
        'count(ALERTS{alertstate="firing", severity=~"page|ticket", alertname=~"Audit.+"}) or vector(0)',
        1,
      ),
    )

    .withRow(new RowBuilder('What bots do'))
    .withPanel(
      series({ title: 'Events by bot', description: 'Events a second.', unit: 'cps' }, [BOT, '{{job}} {{bot_id}}']),
    )
    .withPanel(
      series({ title: 'Events by kind', description: 'The 15 most frequent, events a second.', unit: 'cps' }, [
        `topk(15, sum by (event) (${RATE}))`,
        '{{event}}',
      ]),
    )
    .withPanel(
      series({ title: 'Events by outcome', description: 'Events a second. Attempts are not counted.', unit: 'cps' }, [
        `sum by (outcome) (${RATE})`,
        '{{outcome}}',
      ]),
    )
    .withPanel(
      series(
        {
          title: 'Share without success',
          description:
            'Of the events of each bot: a bot that lost its rights in a chat, or that is abused, fails more.',
          unit: 'percentunit',
        },
        [
          `1 - sum by (job, bot_id) (bot_event_outcome:audit_events:rate5m{${CHOSEN}, outcome="success"}) / ${BOT}`,
          '{{job}} {{bot_id}}',
        ],
      ),
    )
    .withPanel(
      series({ title: 'Events by action', description: 'The verbs of the actions, events a second.', unit: 'cps' }, [
        `sum by (action) (rate(${EVENTS}[$__rate_interval]))`,
        '{{action}}',
      ]),
    )
    .withPanel(
      series({ title: 'Events by framework', description: 'Empty for events of an application itself.', unit: 'cps' }, [
        `sum by (framework) (rate(${EVENTS}[$__rate_interval]))`,
        '{{framework}}',
      ]),
    )

    .withRow(new RowBuilder('Each bot beside its own baseline'))
    .withPanel(
      series(
        {
          title: '$bot_id beside its own week',
          description:
            'Now, the mean of the week before, and three standard deviations above it; and the same time yesterday.',
          unit: 'cps',
        },
        [BOT, 'now'],
        [USUAL, 'usual'],
        [`${USUAL} + 3 * ${SPREAD}`, 'far above usual'],
        [`${BOT} offset 1d`, 'yesterday'],
      )
        .repeat('bot_id')
        .maxPerRow(2),
    )
    .withPanel(
      series(
        {
          title: 'How unusual',
          description: 'Standard deviations from the mean of the week before; more than 3 is worth a look.',
        },
        [`abs(${BOT} - ${USUAL}) / (${SPREAD} > 0)`, '{{job}} {{bot_id}}'],
      ).span(24),
    )

    .withRow(new RowBuilder('In numbers'))
    .withPanel(
      table(
        { title: 'Events in the chosen time', description: 'By bot, kind and outcome; approximate.' },
        `sort_desc(round(sum by (job, bot_id, event, outcome) (increase(${EVENTS}[$__range]))) > 0)`,
      ),
    )
    .build();
}
