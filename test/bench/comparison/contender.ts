// The process of one contender. Its job comes as JSON on the command line, orders as messages; what it says goes to stdout.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile, sorted } from '../statistics.ts';
import { CALLS, CALLS_IN_A_TICK, type Job, type Order, RATE, type Speed } from './job.ts';
import { openLogger } from './loggers.ts';

const BURST = 20;
const PERIOD_MS = 10;
/** A bot has been running for a while: what its contender does in the background has started. */
const SETTLE_MS = 1_000;

const job = JSON.parse(process.argv[2] ?? '') as Job;
const logger = openLogger(job);
const counter = openSync(job.counter, 'w');
const returned = new Float64Array(1);

/** Writes the next record; that the call has returned is known whatever becomes of the process. */
function write(): void {
  const count = (returned[0] ?? 0) + 1;
  logger.write(job.base + count);
  returned[0] = count;
  writeSync(counter, returned, 0, 8, 0);
}

async function speed(): Promise<void> {
  const samples = new Float64Array(CALLS.timed);
  let started = 0;
  for (let index = -CALLS.warmUp; index < CALLS.timed; ) {
    if (index === 0) {
      await wait(SETTLE_MS);
      started = performance.now();
    }
    for (const end = index + BURST; index < end; index++) {
      const before = performance.now();
      logger.write(job.base + CALLS.warmUp + index + 1);
      if (index >= 0) samples[index] = (performance.now() - before) * 1_000;
    }
    await new Promise(setImmediate);
  }
  const callsPerSecond = CALLS.timed / ((performance.now() - started) / 1_000);
  await logger.end();
  const ordered = sorted(samples);
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((q) => quantile(ordered, q)) as [number, number, number];
  process.stdout.write(JSON.stringify({ callsPerSecond, p50, p99, p999 } satisfies Speed));
}

function load(): void {
  const started = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1_000) * RATE;
    while ((returned[0] ?? 0) < due) write();
  }, PERIOD_MS);
  process.on('message', async (order: Order) => {
    clearInterval(timer);
    if (order === 'stop') return;
    await logger.end();
    process.disconnect();
  });
}

async function exit(): Promise<void> {
  write();
  await wait(SETTLE_MS);
  while ((returned[0] ?? 0) < CALLS_IN_A_TICK) write();
}

await { speed, load, exit }[job.task]();
