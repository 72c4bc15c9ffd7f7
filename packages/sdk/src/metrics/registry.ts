import type { Metric, Registry } from 'prom-client';
import type { MetricJson, Metrics } from './metrics.js';
import { METRICS, type MetricName } from './table.js';

/**
 * Makes `metrics` appear in a registry of the application's own, beside its own metrics. It reads them when it is
 * scraped; prom-client itself is not loaded for it.
 *
 * @returns the names that the registry had already, of somebody else, and that therefore did not get in.
 */
export function joinRegistry(
  metrics: Metrics,
  registry: Pick<Registry, 'registerMetric' | 'getSingleMetric'>,
): string[] {
  const taken: string[] = [];
  for (const name of Object.keys(METRICS) as MetricName[]) {
    if (registry.getSingleMetric(name)) taken.push(name);
    else registry.registerMetric(new RegistryMetric(metrics, name) as unknown as Metric);
  }
  return taken;
}

/** The part of a prom-client metric that a registry uses. */
class RegistryMetric {
  /** An OpenMetrics registry cuts the suffix `_total` off this, and expects it back from `get()`. */
  name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly #metrics: Metrics;
  readonly #name: MetricName;

  constructor(metrics: Metrics, name: MetricName) {
    this.name = name;
    this.help = METRICS[name].help;
    this.type = METRICS[name].type;
    this.aggregator = METRICS[name].aggregator;
    this.#metrics = metrics;
    this.#name = name;
  }

  async get(): Promise<MetricJson> {
    return { ...this.#metrics.one(this.#name), name: this.name };
  }

  /** `registry.resetMetrics()` of an application does not make audit forget. */
  reset(): void {}
}
