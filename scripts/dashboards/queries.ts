import type { Query } from './panels.ts';

/** The deployments that the reader has chosen. */
export const JOB = 'job=~"$job"';

/** How fast a counter grows. */
export function rate(metric: string, by: string, selector = ''): string {
  return `sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`;
}

/** Median and 99th percentile of a histogram. */
export function quantiles(metric: string, selector = ''): readonly Query[] {
  return [0.5, 0.99].map((share) => [
    `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket{${selector}}[$__rate_interval])))`,
    `p${share * 100}`,
  ]);
}
