// Writes what is made from code: reference pages, the files that set up Elasticsearch, dashboards. With --check it fails
// when one of them is not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guaranteesPage } from '../../test/guarantees/page.ts';
import { dashboardFiles } from '../dashboards/index.ts';
import { kibanaFiles } from '../kibana/index.ts';
import { cliPage } from './cli.ts';
import { configurationPage, configurationSchema } from './configuration.ts';
import { discordPage } from './discord.ts';
import { eventsPage } from './events.ts';
import { elasticsearchFiles, indexerPage } from './indexer.ts';
import { instrumentationsPage } from './instrumentations.ts';
import { prometheusRule } from './kubernetes.ts';
import { mcpPage } from './mcp.ts';
import { metricsPage } from './metrics.ts';
import { slackPage } from './slack.ts';
import { telegramPage } from './telegram.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const pages: Record<string, () => string | Promise<string>> = {
  'docs/reference/events.md': eventsPage,
  'docs/reference/configuration.md': configurationPage,
  'docs/reference/botaudit.schema.json': configurationSchema,
  'docs/reference/metrics.md': metricsPage,
  'docs/reference/indexer.md': indexerPage,
  'docs/reference/cli.md': cliPage,
  'docs/guarantees.md': guaranteesPage,
  'docs/reference/coverage-discord.md': discordPage,
  'docs/reference/coverage-slack.md': slackPage,
  'docs/reference/coverage-telegram.md': telegramPage,
  'docs/reference/coverage-mcp.md': mcpPage,
  'docs/reference/instrumentations.md': instrumentationsPage,
  'collector-config/kubernetes/prometheus-rule.yaml': prometheusRule,
  ...elasticsearchFiles(),
  ...dashboardFiles(),
  ...kibanaFiles(),
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, page] of Object.entries(pages)) {
  const wanted = `${(await page()).trimEnd()}\n`;
  const file = join(root, path);
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === wanted) continue;
  stale.push(path);
  if (!check) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, wanted);
  }
}

if (check && stale.length > 0) {
  console.error(`Stale reference pages: ${stale.join(', ')}\nRun npm run reference and commit what it writes.`);
  process.exitCode = 1;
} else {
  console.log(check ? 'Reference pages are what the code says.' : `Written: ${stale.join(', ') || 'nothing new'}`);
}
