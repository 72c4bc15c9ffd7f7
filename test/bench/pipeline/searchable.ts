// From a write that has returned to the record being found in Elasticsearch.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Superuser } from '../../../scripts/stack/part.ts';
import { fixture } from '../process.ts';
import type { Section } from '../report.ts';
import { quantile, sorted } from '../statistics.ts';
import { withParts } from './parts.ts';

const RATE = 500;
const SECONDS = 60;
const POLL_MS = 25;
const DEADLINE_MS = 60_000;
const NUMBER = 'attributes.bench.number';

interface Found {
  readonly hits?: { readonly hits: readonly { readonly fields: Readonly<Record<string, readonly number[]>> }[] };
}

/** Looks for records until all of them are found; returns when each was, in milliseconds since the epoch, by its number. */
async function watch(elasticsearch: Superuser, count: number, signal: AbortSignal): Promise<number[]> {
  const found: number[] = [];
  let seen = 0;
  let first = 0;
  while (seen < count) {
    signal.throwIfAborted();
    const answer = await elasticsearch.request(
      'POST',
      '/logs-audit.otel-default/_search?filter_path=hits.hits.fields',
      {
        size: 10_000,
        _source: false,
        fields: [NUMBER],
        query: { range: { [NUMBER]: { gte: first } } },
      },
    );
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    const { hits } = (await answer.json()) as Found;
    const now = performance.timeOrigin + performance.now();
    for (const { fields } of hits?.hits ?? []) {
      const [number = -1] = fields[NUMBER] ?? [];
      if (found[number] !== undefined) continue;
      found[number] = now;
      seen++;
    }
    while (found[first] !== undefined) first++;
    await wait(POLL_MS);
  }
  return found;
}

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(2);

export async function searchable(): Promise<Section> {
  return withParts(['elasticsearch', 'indexer', 'collector'], async ({ elasticsearch, part, folder }) => {
    const writer = fork(fixture('writer.mjs'), [String(RATE), String(SECONDS)], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        BOTAUDIT_DIR: `${folder}/journal`,
        BOTAUDIT_METRICS: 'off',
        ...part('collector').botEnv,
      },
      execArgv: [],
    });
    const done = once(writer, 'message') as Promise<[number[]]>;
    const count = RATE * SECONDS;
    const found = await watch(elasticsearch, count, AbortSignal.timeout(SECONDS * 1_000 + DEADLINE_MS));
    const [returned] = await done;
    writer.disconnect();
    await once(writer, 'exit');
    const delays = sorted(returned.map((at, number) => (found[number] ?? Number.NaN) - at));
    const [p50, p99, most] = [quantile(delays, 0.5), quantile(delays, 0.99), quantile(delays, 1)];
    return {
      title: 'From `write` to being found',
      method:
        `A process writes ${RATE} records a second for ${SECONDS} s through the SDK; they go by its journal, a collector and \`botaudit index\` ` +
        `into Elasticsearch, all with their default settings. From when \`write\` had returned to the answer of the first search that ` +
        `finds the record; there is a search each ${POLL_MS} ms after the answer to the last.`,
      columns: ['records', 'p50, s', 'p99, s', 'at most, s'],
      rows: [[count.toLocaleString('en'), seconds(p50), seconds(p99), seconds(most)]],
      goals: [
        { promise: 'p50 ≤ 2 s', measured: `${seconds(p50)} s`, met: p50 <= 2_000 },
        { promise: 'p99 ≤ 5 s', measured: `${seconds(p99)} s`, met: p99 <= 5_000 },
      ],
    };
  });
}
