import { Worker } from 'node:worker_threads';
import type { SyncWorkerInput } from './sync-protocol.js';

/**
 * Starts the thread that syncs. It keeps no process alive, and loads none of the bot's preloads.
 *
 * @param onError it ended by itself.
 * @throws where no thread can be started.
 */
export function startSyncWorker(input: SyncWorkerInput, onError: () => void): void {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const worker = new Worker(new URL('./sync-worker.js', import.meta.url), {
    name: 'botaudit-sync',
    workerData: input,
    transferList: [input.port],
    execArgv: [],
    env,
    // Its output would be led to the bot's, which makes the bot's standard output one that does not block.
    stdout: true,
    stderr: true,
    // It makes next to nothing.
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
  });
  worker.on('error', onError);
  worker.unref();
}
