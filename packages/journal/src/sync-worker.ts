// Syncs what a writer has written, so that the bot's thread never waits for the disk. It sleeps in the kernel: there is no
// event loop that turns, and nothing else runs here.
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { errorCode } from './errors.js';
import { FAILURES, RESTS, STOP, SYNCED, type SyncFailure, type SyncWorkerInput, WRITTEN } from './sync-protocol.js';
import { Syncer } from './syncer.js';

/** A disk that fails is asked ever less often: each failure costs the writer a segment. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

const { port, slots, intervalMs } = workerData as SyncWorkerInput;
const syncer = new Syncer();
let seen = Atomics.load(slots, SYNCED);
let pauseMs = intervalMs;

/** Waits for a line that was not seen. Returns whether the thread is to go on. */
function rest(): boolean {
  Atomics.store(slots, RESTS, 1);
  Atomics.wait(slots, WRITTEN, seen);
  Atomics.store(slots, RESTS, 0);
  return Atomics.load(slots, STOP) === 0;
}

function sync(): void {
  // Read first: whatever is counted by now stands in a segment that the port tells of.
  seen = Atomics.load(slots, WRITTEN);
  for (let made = receiveMessageOnPort(port); made; made = receiveMessageOnPort(port)) syncer.open(made.message);
  const { path } = syncer;
  // Given up, and the writer has not heard of it yet: what it writes there can't be vouched for.
  if (path === undefined) return;
  try {
    syncer.sync();
    Atomics.store(slots, SYNCED, seen);
    pauseMs = intervalMs;
  } catch (error) {
    // Another sync would find nothing left to write and report success, though what failed is not on the disk.
    syncer.close();
    port.postMessage({ path, code: errorCode(error) } satisfies SyncFailure);
    Atomics.add(slots, FAILURES, 1);
    pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, intervalMs, pauseMs * 2));
  }
}

while (rest()) {
  const started = performance.now();
  sync();
  // A line that comes after a quiet time is synced at once, those that follow it together.
  Atomics.wait(slots, STOP, 0, Math.max(0, pauseMs - (performance.now() - started)));
}
syncer.close();
port.close();
