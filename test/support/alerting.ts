import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const RULES_FOLDER = join(ROOT, 'collector-config/prometheus');
export const ALERTMANAGER_FILE = join(ROOT, 'collector-config/alertmanager/alertmanager.yaml');
export const RUNBOOKS_FOLDER = join(ROOT, 'docs/runbooks');

/** A recording rule. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** An alert rule. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly (RecordingRule | AlertRule)[] }[];
}

/** A case of `promtool test rules`. */
interface RuleTest {
  readonly name: string;
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
}

/** The rules of `audit.rules.yaml`. */
export async function readRules(): Promise<{ recordings: RecordingRule[]; alerts: AlertRule[] }> {
  const { groups } = parse(await readFile(join(RULES_FOLDER, 'audit.rules.yaml'), 'utf8')) as RuleFile;
  const rules = groups.flatMap((group) => group.rules);
  return {
    recordings: rules.filter((rule) => 'record' in rule),
    alerts: rules.filter((rule) => 'alert' in rule),
  };
}

/** The cases of all files in `tests/`. */
export async function readRuleTests(): Promise<RuleTest[]> {
  const folder = join(RULES_FOLDER, 'tests');
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return files.flatMap((text) => (parse(text) as { tests: RuleTest[] }).tests);
}

/** An expression of a dashboard, with the panel that it is of. */
export interface PanelQuery {
  readonly panel: string;
  readonly expr: string;
}

/** The expressions of Grafana's dashboards. */
export async function readPanelQueries(): Promise<PanelQuery[]> {
  const folder = join(ROOT, 'collector-config/grafana');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const boards = await Promise.all(
    names.map(
      async (name) =>
        JSON.parse(await readFile(join(folder, name), 'utf8')) as {
          readonly panels: readonly {
            readonly title: string;
            readonly targets?: readonly { readonly expr: string }[];
          }[];
        },
    ),
  );
  return boards
    .flatMap(({ panels }) => panels)
    .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })));
}

/** An expression with the variables of a dashboard as they are when everything is chosen. */
export function withoutVariables(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '5m')
    .replaceAll(/\$(job|bot_id)\b/g, '.*');
}
