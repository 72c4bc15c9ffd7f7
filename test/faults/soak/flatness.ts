import type { Sample } from './bots.ts';

/** One quantity over the time after warm-up. */
export interface Flatness {
  readonly name: string;
  readonly unit: string;
  readonly first: number;
  readonly median: number;
  readonly max: number;
  /** By which it grows from the beginning to the end of that time, as its slope says. */
  readonly growth: number;
  /** What it may. */
  readonly allowed: number;
  readonly isFlat: boolean;
}

/** A share of the time, from its beginning, that is not judged: code is compiled and buffers grow to their size. */
const WARM_UP = 1 / 3;

const MiB = 1024 * 1024;

/**
 * What is judged, and by how much it may grow beside a twentieth of its median: that much comes and goes. The resident set
 * holds what the allocator keeps of threads that have ended, such as those that compress segments, and settles only after
 * some minutes: two of them show whether a bot keeps its records, an hour shows 1.5 MiB a minute.
 */
const QUANTITIES = [
  { name: 'resident set', unit: 'MiB', of: ({ rss }: Sample) => rss / MiB, slack: 48 },
  { name: 'heap', unit: 'MiB', of: ({ heapUsed }: Sample) => heapUsed / MiB, slack: 6 },
  { name: 'descriptors', unit: '', of: ({ descriptors }: Sample) => descriptors, slack: 1 },
  { name: 'threads', unit: '', of: ({ threads }: Sample) => threads, slack: 1 },
];

/** Samples are gathered in so many spans of time; of each counts the median. */
const SPANS = 30;

/**
 * Whether a process takes no more the longer it runs: the slope after warm-up (Theil and Sen: the median of the slopes
 * between any two spans of time, which single peaks do not sway) times that time is at most the slack and a twentieth of
 * the median.
 */
export function flatness(samples: readonly Sample[]): Flatness[] {
  const judged = samples.slice(Math.floor(samples.length * WARM_UP));
  return QUANTITIES.map(({ name, unit, of, slack }) => {
    const points = spans(judged).map((some) => ({ at: median(some.map(({ at }) => at)), value: median(some.map(of)) }));
    const values = points.map(({ value }) => value);
    const duration = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
    const growth = slope(points) * duration;
    const middle = median(values);
    const allowed = slack + middle / 20;
    const isFlat = points.length > 2 && growth <= allowed;
    return {
      name,
      unit,
      first: values[0] ?? Number.NaN,
      median: middle,
      max: Math.max(...judged.map(of)),
      growth,
      allowed,
      isFlat,
    };
  });
}

function spans(samples: readonly Sample[]): Sample[][] {
  const size = Math.max(1, Math.ceil(samples.length / SPANS));
  const result: Sample[][] = [];
  for (let from = 0; from < samples.length; from += size) result.push(samples.slice(from, from + size));
  return result;
}

function slope(points: readonly { readonly at: number; readonly value: number }[]): number {
  return median(
    points.flatMap((one, index) =>
      points.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
    ),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
