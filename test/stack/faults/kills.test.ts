import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { Pipeline } from './pipeline.ts';
import { addLine } from './table.ts';
import { Target } from './target.ts';

/** How often each component is killed. */
const KILLS = Number(process.env.BOTAUDIT_FAULT_KILLS ?? 1);
/** A kill may come at any moment while records flow. */
const ANY_MOMENT_MS = 300;
const TIMEOUT_MS = 300_000 + KILLS * 120_000;

const NAMESPACE = 'kills';
/** 40 records and then a rest: two hundred records a second. */
const PAUSE_MS = 200;

let target: Target;
let pipeline: Pipeline;

beforeAll(async () => {
  target = await Target.start({ namespaces: [NAMESPACE], heapMb: 512 });
  pipeline = await Pipeline.start({ target, namespace: NAMESPACE, pauseMs: PAUSE_MS });
});
afterAll(async () => {
  await pipeline?.stop();
  await target?.stop();
});

/** What is killed, and how it comes back. */
const VICTIMS: readonly (readonly [what: string, kill: () => Promise<unknown>, resume: () => unknown])[] = [
  ['bot', () => pipeline.bot.end('SIGKILL'), () => pipeline.startBot()],
  ['collector', () => pipeline.collector.kill(), () => pipeline.collector.resume()],
  ['indexer', () => pipeline.indexer.kill(), () => pipeline.indexer.resume()],
  ['Elasticsearch', () => target.node.kill(), () => target.node.resume()],
];

test.each(VICTIMS)(
  `%s killed with -9 while records flow, ${KILLS} times: each record whose write returned is there, once`,
  async (what, kill, resume) => {
    const since = Date.now();
    if (!pipeline.bot.isRunning) pipeline.startBot();
    let down = 0;
    for (let time = 0; time < KILLS; time++) {
      await pipeline.flows();
      await wait(randomInt(ANY_MOMENT_MS));
      const killed = performance.now();
      await kill();
      await resume();
      down += performance.now() - killed;
    }
    await pipeline.flows();
    const [, balance] = await pipeline.settle([0, since]);
    const seconds = Math.round(down / 1000);
    await addLine({ kind: 'kill', fault: `${what} killed (-9)`, times: KILLS, seen: 'SIGKILL', seconds }, balance!);
  },
  TIMEOUT_MS,
);
