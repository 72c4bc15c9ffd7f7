import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory } from '../running-backend.js';

/** What the metrics of all streams say of duplicates: `event kind number`. */
export function counted(): string[] {
  const streams = join(directory, 'streams');
  return readdirSync(streams).flatMap((name) => {
    const metrics = JSON.parse(readFileSync(join(streams, name, 'metrics.json'), 'utf8')) as {
      metrics: { name: string; values: { labels: Record<string, string>; value: number }[] }[];
    };
    const found = metrics.metrics.find((metric) => metric.name === 'audit_duplicates_total')?.values ?? [];
    return found.map(({ labels, value }) => `${labels.event} ${labels.kind} ${value}`);
  });
}
