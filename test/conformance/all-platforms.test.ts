import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '@botaudit/record';
import { METRICS } from '@botaudit/sdk';
import { describe, expect, test } from 'vitest';
import { readPanelQueries, readRules, withoutVariables } from '../support/alerting.ts';
import { readSavedObjects, requestsOf } from '../support/kibana.ts';
import { type Selector, selectorsOf } from '../support/promql.ts';

/** What a bot of each framework leaves in the labels of metrics, and in `bot.id`. */
const BOTS = [
  { framework: 'grammy', bot_id: 'telegram:7000000001', version: '1.46.0' },
  { framework: 'telegraf', bot_id: 'telegram:7000000002', version: '4.16.3' },
  { framework: 'discord.js', bot_id: 'discord:1100000000000000001', version: '14.28.1' },
  { framework: '@discordjs/rest', bot_id: 'discord:1100000000000000002', version: '2.6.3' },
  { framework: 'slack-bolt', bot_id: 'slack:U0BOT', version: '5.1.0' },
  { framework: '@slack/web-api', bot_id: 'slack:U0SCRIPT', version: '8.2.0' },
  { framework: 'mcp', bot_id: 'mcp:notes', version: '1.32.2' },
] as const;

/** Names of platforms and frameworks; those of events, such as `mcp.tool.call`, are the same for every platform. */
const PLATFORMS = /telegram|discord|slack|\bmcp\b|grammy|telegraf|\bbolt\b|modelcontextprotocol/i;

const withoutEvents = (text: string): string =>
  Object.keys(CATALOGUE).reduce((rest, event) => rest.replaceAll(event, ''), text);

const root = fileURLToPath(new URL('../../collector-config', import.meta.url));
const FILES = ['grafana', 'prometheus', 'kibana', 'alertmanager'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => /\.(json|yaml|ndjson)$/.test(name))
    .map((name) => `${folder}/${name}`),
);

test('there are dashboards, rules, and saved objects to look at', () => {
  expect(FILES).toEqual(
    expect.arrayContaining(['grafana/bots.json', 'prometheus/audit.rules.yaml', 'kibana/saved-objects.ndjson']),
  );
});

test.for(FILES)('%s names no platform and no framework', (file) => {
  const lines = withoutEvents(readFileSync(join(root, file), 'utf8')).split('\n');
  const naming = lines.filter((line) => PLATFORMS.test(line));
  expect(naming.map((line) => PLATFORMS.exec(line)?.[0])).toEqual([]);
});

/** Whether a selector shows series with these labels, as far as it says something of them. */
function shows({ matchers }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return matchers.every(({ label, operator, value }) => {
    const actual = labels[label];
    if (actual === undefined) return true;
    const isEqual = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
    return isEqual !== operator.startsWith('!');
  });
}

describe('every panel and rule', async () => {
  const { recordings, alerts } = await readRules();
  const expressions = [
    ...recordings.map(({ record, expr }) => ({ name: record, expr })),
    ...alerts.map(({ alert, expr }) => ({ name: alert, expr })),
    ...(await readPanelQueries()).map(({ panel, expr }) => ({ name: panel, expr: withoutVariables(expr) })),
  ];
  const selectors = expressions.flatMap(({ name, expr }) =>
    selectorsOf(expr).map((selector) => ({ name, ...selector })),
  );

  test.for(BOTS)('shows the series of $framework', (bot) => {
    const hidden = selectors.filter((selector) => !shows(selector, bot));
    expect(hidden.map(({ name }) => name)).toEqual([]);
  });

  test('asks for nothing by which bots are told apart that a metric does not have', () => {
    const asked = selectors.filter(({ metric }) => Object.hasOwn(METRICS, metric));
    expect(asked.some(({ matchers }) => matchers.some(({ label }) => label === 'bot_id'))).toBe(true);
    for (const { name, metric, matchers } of asked) {
      const { labels } = METRICS[metric as keyof typeof METRICS];
      const missing = matchers.filter(({ label }) => /^(bot_id|framework|version|source)$/.test(label));
      expect(
        missing.filter(({ label }) => !(labels as readonly string[]).includes(label)),
        `${name}: ${metric}`,
      ).toEqual([]);
    }
  });

  test('that would hide a framework is noticed', () => {
    const [selector] = selectorsOf('audit_events_total{bot_id=~"telegram:.*", framework!="mcp"}');
    const shown = BOTS.filter((bot) => selector && shows(selector, bot)).map(({ framework }) => framework);
    expect(shown).toEqual(['grammy', 'telegraf']);
  });
});

test('no search or panel of Kibana is narrowed to a platform, a framework or a bot', async () => {
  const requests = requestsOf(await readSavedObjects(), ['now-1d', 'now']);
  expect(requests.length).toBeGreaterThan(5);
  const narrowed = requests.filter(({ body }) => /bot\.(framework|platform|id)\b/.test(JSON.stringify(body.query)));
  expect(narrowed.map(({ id }) => id)).toEqual([]);
});
