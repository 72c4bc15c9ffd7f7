// Compresses finished segments, so that the bot's thread doesn't. It ends when that is done.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { compressionSteps } from './compression.js';
import type { CompressorInput } from './compressor.js';
import { drain } from './steps.js';

const { directory, own, groupRead } = workerData as CompressorInput;
try {
  // On Linux a thread has a priority of its own; elsewhere this would be the whole process's.
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
} catch {
  // Then it competes with the bot for some milliseconds.
}
drain(compressionSteps(directory, { own, groupRead }));
