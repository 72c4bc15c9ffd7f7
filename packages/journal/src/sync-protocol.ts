import type { MessagePort } from 'node:worker_threads';

/*
 * Slots of the memory that a writer shares with the thread that syncs for it. Lines are counted as they are written, over
 * all segments; the counts wrap around.
 */
/** Lines written. Changes also when the thread is to end. */
export const WRITTEN = 0;
/** Lines that are known to survive the loss of power. */
export const SYNCED = 1;
/** Syncs that failed; the port tells of each. */
export const FAILURES = 2;
/** 1 while the thread waits for a line. */
export const RESTS = 3;
/** 1 when the thread is to end. */
export const STOP = 4;
export const SLOTS = 5;

/** What the thread is started with. */
export interface SyncWorkerInput {
  /** Takes the path of each segment that was made, before its first line is counted; gives {@link SyncFailure}s. */
  readonly port: MessagePort;
  readonly slots: Int32Array;
  /** At most one sync in so many milliseconds. */
  readonly intervalMs: number;
}

/** A segment could not be synced: which of its lines since the last good sync are on the disk, nobody knows. */
export interface SyncFailure {
  readonly path: string;
  /** As the operating system names it: `EIO`, … */
  readonly code: string;
}
