import { SyncLoop } from '../../src/sync-loop.js';
import type { SyncWorkerInput } from '../../src/sync-protocol.js';

/* In place of `src/start-sync-worker.ts`: threads that sync when a test says so. */

let loops: SyncLoop[] = [];

export function startSyncWorker(input: SyncWorkerInput): void {
  loops.push(new SyncLoop(input));
}

/** Each thread of the process syncs once. */
export function syncAll(): void {
  for (const loop of loops) loop.sync();
}

/** The process, and with it its threads, is gone. */
export function endWorkers(): void {
  loops = [];
}
