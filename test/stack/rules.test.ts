import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Alertmanager, alertmanager, amtool } from '../../scripts/stack/parts/alertmanager.ts';
import { prometheus, promtool } from '../../scripts/stack/parts/prometheus.ts';
import { RULES_FOLDER, readPanelQueries, readRules, withoutVariables } from '../support/alerting.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installed } from './installed.ts';

const rulesFile = (name: string) => join(RULES_FOLDER, name);

test('promtool accepts the rules, and the example for what is expected', async () => {
  const files = ['audit.rules.yaml', 'expected.rules.example.yaml'].map(rulesFile);
  await promtool(await installed(prometheus), ['check', 'rules', '--lint=all', '--lint-fatal', ...files]);
});

test('promtool accepts the configuration of Prometheus', async () => {
  await promtool(await installed(prometheus), ['check', 'config', '--syntax-only', rulesFile('prometheus.yaml')]);
});

test('each alert fires when it should, and is quiet when it should', async () => {
  const files = (await readdir(rulesFile('tests'))).map((name) => rulesFile(join('tests', name)));
  expect(files.length).toBeGreaterThan(2);
  await promtool(await installed(prometheus), ['test', 'rules', ...files]);
});

test('promtool accepts every expression of the dashboards', async () => {
  const queries = await readPanelQueries();
  const rules = queries.map(({ expr }, index) => ({ record: `panel:${index}:expr`, expr: withoutVariables(expr) }));
  const file = join(await temporaryFolder(), 'panels.rules.yaml');
  await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  expect(await promtool(await installed(prometheus), ['check', 'rules', '--lint=none', file])).toContain(
    `${queries.length} rules found`,
  );
});

test('amtool accepts the configuration of Alertmanager', async () => {
  expect(await amtool(await installed(alertmanager), ['check-config'])).toContain('SUCCESS');
});

test('each alert goes to who it is for', async () => {
  const tool = await installed(alertmanager);
  const receiver = async (labels: Record<string, string>) => {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return (await amtool(tool, ['config', 'routes', 'test'], pairs)).trim();
  };
  for (const { alert, labels } of (await readRules()).alerts) {
    const wanted = alert === 'AuditWatchdog' ? 'watchdog' : labels.severity;
    expect(await receiver({ alertname: alert, job: 'shop-bot', ...labels })).toBe(wanted);
  }
  expect(await receiver({ alertname: 'OfSomebodyElse' })).toBe('ticket');
});

test('what follows from another alert of the same bot is not told as well', async () => {
  const folder = await temporaryFolder();
  const running = await Alertmanager.start({ installed: await installed(alertmanager), folder });
  onTestFinished(() => running.stop());
  const api = `http://${running.address}/api/v2/alerts`;
  const bot = { job: 'shop-bot', instance: 'bot:9731' };
  const causes = ['AuditEndpointRefuses', 'AuditRecordsLost', 'AuditBotUnaudited'];
  const consequences = ['AuditRecordsUnshipped', 'AuditInstrumentationErrors', 'AuditHeartbeatMissing'];
  const of = (alertname: string, labels: object) => ({ labels: { alertname, severity: 'page', ...labels } });
  const alerts = [
    ...[...causes, ...consequences].map((name) => of(name, bot)),
    ...consequences.map((name) => of(name, { job: 'other-bot', instance: 'other:9731' })),
  ];
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(api, { method: 'POST', headers, body: JSON.stringify(alerts) })).status).toBe(200);

  type Alert = { labels: { alertname: string; job: string }; status: { inhibitedBy: string[] } };
  const inhibited = await eventually('what is inhibited', async () => {
    const found = ((await (await fetch(api)).json()) as Alert[]).filter(({ status }) => status.inhibitedBy.length > 0);
    return found.length >= consequences.length ? found : undefined;
  });
  expect(inhibited.map(({ labels }) => `${labels.job} ${labels.alertname}`).sort()).toEqual(
    consequences.map((name) => `shop-bot ${name}`).sort(),
  );
});
