import type { Histogram, Meter, ObservableResult } from '@opentelemetry/api';
import type { Metrics } from './metrics.js';
import { METRICS, type MetricDefinition, type MetricName } from './table.js';

/** Publishes `metrics` through an OpenTelemetry meter, under the same names. Counters and gauges are read when it collects. */
export function publishToMeter(metrics: Metrics, meter: Meter): void {
  const histograms = new Map<string, Histogram>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { type, unit, help: description, buckets }: MetricDefinition = METRICS[name];
    if (type === 'histogram') {
      const advice = { explicitBucketBoundaries: [...(buckets ?? [])] };
      histograms.set(name, meter.createHistogram(name, { unit, description, advice }));
      continue;
    }
    const read = (result: ObservableResult) => {
      for (const { value, labels } of metrics.one(name).values) result.observe(value, labels);
    };
    const options = { unit, description };
    if (type === 'counter') meter.createObservableCounter(name, options).addCallback(read);
    else meter.createObservableGauge(name, options).addCallback(read);
  }
  metrics.onObservation((name, labels, value) => histograms.get(name)?.record(value, labels));
}
