// Syncs what a writer has written, so that the bot's thread never waits for the disk. Nothing else runs in this thread.
import { workerData } from 'node:worker_threads';
import { SyncLoop } from './sync-loop.js';

new SyncLoop(workerData).run();
