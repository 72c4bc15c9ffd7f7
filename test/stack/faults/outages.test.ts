import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, test } from 'vitest';
import { makeCertificates } from '../certificates.ts';
import type { Balance } from './balance.ts';
import {
  circuitBreaker,
  collectorStopped,
  Failures,
  frozen,
  fullQueue,
  indexerStopped,
  notice,
  type Outage,
  redIndex,
  securityNotReady,
  stopped,
  watermark,
  wrongCertificate,
} from './outages.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';
import { addLine } from './table.ts';
import { Target, type TargetOptions } from './target.ts';

/** How long an outage lasts, in seconds. */
const OUTAGE_SECONDS = Number(process.env.BOTAUDIT_FAULT_OUTAGE_SECONDS ?? 60);
/** How long a node is kept from being ready after a start. */
const UNREADY_SECONDS = Math.min(OUTAGE_SECONDS, OUTAGE_SECONDS / 10 + 4);
/** Nodes start one after the other, an outage is waited out, and what it has held up arrives. */
const TIMEOUT_MS = 2 * OUTAGE_SECONDS * 1000 + 900_000;

/** A pipeline, and what it has to go through, one after the other. */
interface Trial extends Omit<PipelineOptions, 'target' | 'pauseMs'> {
  readonly outages: readonly (readonly [outage: Outage, seconds: number])[];
}

/** An Elasticsearch of its own for trials that don't get into each other's way. */
interface Site extends Omit<TargetOptions, 'namespaces'> {
  readonly trials: readonly Trial[];
}

const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
const pem = (authority: string, name: string) => join(folder, authority, `${name}.pem`);
const certificateOf = (authority: string) => ({
  certificate: pem(authority, 'server'),
  key: pem(authority, 'server-key'),
});

/** What takes longest comes first, since they start one after the other. */
const SITES: readonly Site[] = [
  {
    trials: [
      {
        namespace: 'stopped',
        outages: [
          [stopped, OUTAGE_SECONDS],
          [securityNotReady, UNREADY_SECONDS],
        ],
      },
    ],
  },
  {
    tls: certificateOf('known'),
    authority: pem('known', 'ca'),
    trials: [
      {
        namespace: 'certificate',
        hasCollector: false,
        outages: [[wrongCertificate(certificateOf('unknown')), OUTAGE_SECONDS]],
      },
    ],
  },
  {
    settings: { 'thread_pool.write.size': '1', 'thread_pool.write.queue_size': '1' },
    trials: [
      {
        namespace: 'breaker',
        indexerEnv: { BOTAUDIT_INDEXER_BULK_CONCURRENCY: '8', BOTAUDIT_INDEXER_BULK_MAX_BYTES: '262144' },
        outages: [
          [circuitBreaker, OUTAGE_SECONDS],
          [fullQueue, 0],
        ],
      },
    ],
  },
  { trials: [{ namespace: 'frozen', hasCollector: false, outages: [[frozen, OUTAGE_SECONDS]] }] },
  {
    // All at once: an index without a place is not read-only, and who is stopped misses no Elasticsearch.
    trials: [
      { namespace: 'watermark', outages: [[watermark, OUTAGE_SECONDS]] },
      { namespace: 'red', outages: [[redIndex('red'), OUTAGE_SECONDS]] },
      { namespace: 'collector', outages: [[collectorStopped, OUTAGE_SECONDS]] },
      { namespace: 'indexer', outages: [[indexerStopped, OUTAGE_SECONDS]] },
    ],
  },
];

/** What an outage did. */
interface Suffered {
  readonly seen: string;
  readonly seconds: number;
  readonly balance: Balance;
}

const cleanup = new AsyncDisposableStack();
const begun: Promise<unknown>[] = [];
const results = new Map(
  SITES.flatMap(({ trials }) => trials)
    .flatMap(({ outages }) => outages)
    .map(([outage]) => [outage, Promise.withResolvers<Suffered>()]),
);
// Whoever waits for one hears of it.
for (const { promise } of results.values()) promise.catch(() => {});

beforeAll(async () => {
  for (const authority of ['known', 'unknown']) {
    await mkdir(join(folder, authority));
    await makeCertificates(join(folder, authority));
  }
  setDefaultCACertificates([...getCACertificates('default'), await readFile(pem('known', 'ca'), 'utf8')]);
  begun.push(beginAll());
});

afterAll(async () => {
  await Promise.allSettled(begun);
  await cleanup.disposeAsync();
  await rm(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

test.each([...results].map(([{ fault }, { promise }]) => [fault, promise] as const))(
  '%s: each record whose write returned is there, once',
  async (fault, promise) => {
    const { seen, seconds, balance } = await promise;
    await addLine({ kind: 'outage', fault, times: 1, seen, seconds }, balance);
  },
  TIMEOUT_MS,
);

/** A start takes this machine's power, so no more than two sites do at a time; their outages run side by side. */
async function beginAll(): Promise<void> {
  const running: Promise<void>[] = [];
  const waiting = SITES.values();
  const startNext = async (): Promise<void> => {
    for (const { trials, ...options } of waiting) {
      const target = Target.start({ ...options, namespaces: trials.map(({ namespace }) => namespace) });
      await target.then(
        (started) => cleanup.defer(() => started.stop()),
        () => {}, // Each of its trials says so.
      );
      running.push(...trials.map((trial) => run(trial, target)));
    }
  };
  await Promise.all([startNext(), startNext()]);
  await Promise.all(running);
}

/** Goes through a trial; never rejects. */
async function run({ outages, ...options }: Trial, started: Promise<Target>): Promise<void> {
  try {
    const target = await started;
    const pipeline = await Pipeline.start({ ...options, target, pauseMs: 1_000 });
    cleanup.defer(() => pipeline.stop());
    const done: (Pick<Suffered, 'seen' | 'seconds'> & { readonly since: number })[] = [];
    for (const [outage, seconds] of outages) done.push(await suffer(outage, target, pipeline, seconds));
    const balances = await pipeline.settle(done.map(({ since }) => since));
    for (const [index, [outage]] of outages.entries()) {
      const { seen, seconds } = done[index]!;
      results.get(outage)?.resolve({ seen, seconds, balance: balances[index]! });
    }
  } catch (error) {
    for (const [outage] of outages) results.get(outage)?.reject(error);
  }
}

async function suffer(outage: Outage, target: Target, pipeline: Pipeline, seconds: number) {
  const since = Date.now();
  const scene = { target, pipeline, failures: await Failures.since(pipeline) };
  const end = await outage.begin(scene);
  const first = await notice(outage, scene);
  await wait(Math.max(0, since + seconds * 1000 - Date.now()));
  const seen = (await outage.seen(scene)) ?? first;
  await end();
  const lasted = Math.round((Date.now() - since) / 1000);
  await pipeline.flows();
  return { since, seen, seconds: lasted };
}
