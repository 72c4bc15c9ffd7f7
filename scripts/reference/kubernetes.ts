import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const RULES = fileURLToPath(new URL('../../collector-config/prometheus/audit.rules.yaml', import.meta.url));

/** The alerts and recorded series of `prometheus/audit.rules.yaml`, as the Prometheus operator takes them. */
export async function prometheusRule(): Promise<string> {
  const { groups } = parse(await readFile(RULES, 'utf8')) as { readonly groups: unknown };
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'audit' },
    spec: { groups },
  };
  const head = '# Made from ../prometheus/audit.rules.yaml by `npm run reference`. Edit that, not this.\n';
  return head + stringify(object, { lineWidth: 0 });
}
