import { isMap, isScalar, parseDocument, visit } from 'yaml';

/** Keys whose value is a duration, in Prometheus' and Alertmanager's files: what somebody waits for. */
const WAITS: ReadonlySet<unknown> = new Set([
  'for',
  'keep_firing_for',
  'group_wait',
  'group_interval',
  'repeat_interval',
  'resolve_timeout',
]);

/** Keys that say how often something is done; a machine takes the time that it takes. */
const INTERVALS: ReadonlySet<unknown> = new Set(['scrape_interval', 'scrape_timeout', 'evaluation_interval']);
const SHORTEST_INTERVAL_MS = 1_000;

const DURATION = /\b(\d+)(ms|s|m|h|d|w|y)\b/g;

const SECOND = 1000;
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3_600 * SECOND,
  d: 86_400 * SECOND,
  w: 604_800 * SECOND,
  y: 31_536_000 * SECOND,
};

/**
 * A configuration of Prometheus or of Alertmanager, or a file of rules, in which time passes `times` as fast: every
 * duration, those in the expressions of rules included, is divided by it; scrapes and evaluations stay a second apart. So
 * an alert that takes an hour to fire can be seen to fire in minutes, by what it is for. Everything that is a time must be
 * written as one (`15m`, not `900`).
 *
 * @param times 1 changes nothing.
 */
export function faster(yaml: string, times: number): string {
  const document = parseDocument(yaml);
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      const shortestMs = INTERVALS.has(key.value) ? SHORTEST_INTERVAL_MS : 1;
      if (key.value === 'expr' || WAITS.has(key.value) || INTERVALS.has(key.value)) {
        value.value = divide(value.value, times, shortestMs);
      }
    },
  });
  if (document.errors[0]) throw document.errors[0];
  return isMap(document.contents) ? document.toString({ lineWidth: 0 }) : yaml;
}

function divide(text: string, times: number, shortestMs: number): string {
  return text.replace(DURATION, (whole, count: string, unit: string) => {
    const milliseconds = Number(count) * (UNITS[unit] ?? 0);
    return times === 1 || milliseconds === 0 ? whole : `${Math.max(shortestMs, Math.round(milliseconds / times))}ms`;
  });
}
