import { errorCode } from './errors.js';
import { fdatasyncSync } from './file-system.js';
import type { SegmentFile } from './segment-file.js';
import type { Loss } from './sink.js';
import { SyncThread } from './sync-thread.js';
import { SyncedEntries } from './synced-entries.js';

export interface GroupCommitOptions {
  /** At most one sync in so many milliseconds. */
  readonly intervalMs: number;
  /** A sync failed, see `takeFailure`. Not called within a method. */
  readonly onFailure: () => void;
  /** Lines are written of which nobody knows whether they survive the loss of power. May be called within a method. */
  readonly onUnsynced: (unsynced: Loss) => void;
}

/**
 * Has what a writer writes survive the loss of power: in the background, many lines with one sync, or at once where it is
 * asked for. One segment is settled before the next is begun, all its lines safe or reported, so that no record can be on
 * the disk without those before it.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #thread: SyncThread;
  readonly #entries = new SyncedEntries();
  #segment: SegmentFile | undefined;
  /** Whether the entry of the open segment is on the disk, for what this thread did itself. */
  #isEntered = false;
  #written = 0;
  /** Of the lines written, those that this thread synced itself, or that were reported. */
  #settled = 0;

  constructor(options: GroupCommitOptions) {
    const { intervalMs, onFailure } = options;
    this.#options = options;
    this.#thread = new SyncThread({
      intervalMs,
      onFailure,
      onBroken: () => options.onUnsynced({ lines: this.unsettled, code: 'ERR_SYNC_THREAD' }),
    });
  }

  /** Lines that are neither known to be safe nor reported. */
  get unsettled(): number {
    return Math.min(this.#written - this.#settled, this.#thread.behind);
  }

  /** Whether a sync failed, see {@link takeFailure}. */
  get hasFailed(): boolean {
    return this.#thread.hasFailed;
  }

  /** A segment was made. */
  opened(segment: SegmentFile): void {
    this.#segment = segment;
    this.#isEntered = false;
    this.#thread.opened(segment.path);
  }

  /** A line was written to the open segment. */
  wrote(): void {
    this.#written++;
    this.#thread.wrote();
  }

  /** Syncs the open segment on this thread. Throws what the file system throws; its lines count as reported then. */
  syncNow(): void {
    const segment = this.#segment;
    if (!segment || this.unsettled === 0) return;
    try {
      fdatasyncSync(segment.fd);
      if (!this.#isEntered) this.#entries.sync(segment.path);
      this.#isEntered = true;
      this.#settled = this.#written;
    } catch (error) {
      this.#report(errorCode(error));
      throw error;
    }
  }

  /** Sees to it that nothing is unsettled. Never throws. */
  settle(): void {
    try {
      this.syncNow();
    } catch {
      // It is reported.
    }
  }

  /**
   * Reports a sync that failed in the background.
   *
   * @returns whether the open segment is to be left: what failed there would never be written again, and no later sync
   * would say so.
   */
  takeFailure(): boolean {
    const { path } = this.#segment ?? {};
    // One that was left was settled by this thread, which had the same error.
    const failure = this.#thread.takeFailures().find((each) => each.path === path);
    if (failure) this.#report(failure.code);
    return failure !== undefined;
  }

  /** Ends the thread. */
  close(): void {
    this.#thread.stop();
    this.#segment = undefined;
  }

  #report(code: string): void {
    const lines = this.unsettled;
    this.#settled = this.#written;
    this.#options.onUnsynced({ lines, code });
  }
}
