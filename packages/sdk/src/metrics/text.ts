import type { MetricJson } from './metrics.js';

/**
 * Metrics of one or several processes, added up, in Prometheus' text format.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export async function metricsText(
  parts: readonly (readonly MetricJson[])[],
): Promise<{ readonly text: string; readonly contentType: string }> {
  // Its default is the whole of a CommonJS module, bundled or not; its named exports are a guess of the loader's.
  const { AggregatorRegistry } = (await import('prom-client')).default;
  const registry = AggregatorRegistry.aggregate([...parts]);
  return { text: await registry.metrics(), contentType: registry.contentType };
}
