import type { MessagePort } from 'node:worker_threads';
import type { MetricChange } from './metric-relay.js';
import type { ShipperOptions } from './shipper.js';

/** Slots of the memory that both threads share. */
export const RESTS = 0;
export const ENDED = 1;
export const SLOTS = 2;

/** What the worker is started with. */
export interface WorkerInput extends Pick<ShipperOptions, 'directory' | 'own' | 'endpoint' | 'gatherMs' | 'pauses'> {
  readonly port: MessagePort;
  /** `RESTS` is 1 while the worker waits for `ring`; `ENDED` becomes 1 when it has nothing more to do. */
  readonly slots: Int32Array;
}

/** What the worker is told. */
export type ToWorker = { readonly kind: 'ring' } | { readonly kind: 'stop'; readonly deadlineMs: number };

/** What the worker tells. */
export type FromWorker =
  | { readonly kind: 'metrics'; readonly changes: readonly MetricChange[]; readonly clockOffsetMs: number | undefined }
  | { readonly kind: 'say'; readonly message: string };
