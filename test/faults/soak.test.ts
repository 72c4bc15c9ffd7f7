import { expect, test } from 'vitest';
import { figure } from '../support/figure.ts';
import type { Sample } from './soak/bots.ts';
import { flatness } from './soak/flatness.ts';
import { soak, tableOf } from './soak/soak.ts';

const MINUTES = Number(process.env.BOTAUDIT_SOAK_MINUTES ?? 2);

test(
  `${MINUTES} minutes of load, outages, restarts and a full folder: nothing grows, nothing is lost, the journal is authentic`,
  async () => {
    const report = await soak(MINUTES);
    figure(tableOf(report));
    expect(report.problems).toEqual([]);
  },
  (MINUTES + 3) * 60_000,
);

test('what grows is told from what comes and goes', () => {
  const samples = (growth: number): Sample[] =>
    Array.from({ length: 120 }, (_, at) => {
      const wave = (at % 7) * 2 ** 20;
      return {
        at,
        written: at,
        rss: 80 * 2 ** 20 + wave + growth * at,
        heapUsed: 2e7 + wave,
        descriptors: 30,
        threads: 12,
      };
    });
  expect(flatness(samples(0)).filter(({ isFlat }) => !isFlat)).toEqual([]);
  expect(flatness(samples(900 * 1024)).filter(({ isFlat }) => !isFlat)).toEqual([
    expect.objectContaining({ name: 'resident set' }),
  ]);
});
