import type { RemovedSegments } from './removal-log.js';
import type { Loss, Sink } from './sink.js';

/** How long the thread may be kept from other things at a time. */
const SLICE_MS = 2;

/** What a writer tells. */
export interface WriterListeners {
  /**
   * Lines are gone although their append returned: the file was removed while it was being written, or durability is
   * `memory` and the disk took them no more before the end. Never called within `append`.
   */
  readonly onLoss?: ((loss: Loss) => void) | undefined;
  /**
   * With `power`: lines could not be synced. They are written and are read and shipped like all others, but nobody knows
   * whether they survive the loss of power. Never called within `append`.
   */
  readonly onUnsynced?: ((unsynced: Loss) => void) | undefined;
  /**
   * Segments go to keep the limits: to be recorded as `audit.retention.applied`. Called before they go, so that a crash
   * in between leaves no hole that nothing explains; afterwards only where the disk was full. Never called within
   * `append`, so it may append; that works even while other appends are refused. Where it throws, it is called again
   * later.
   */
  readonly onRetention?: ((removed: readonly RemovedSegments[]) => void) | undefined;
}

/**
 * What has to be done outside of an append, since whoever is told may append: to tell of what was lost or removed, and to
 * make room.
 */
export class News {
  /** The sink that makes the room, for as long as it is open. */
  sink: Sink | undefined;
  readonly #listeners: WriterListeners;
  #losses: Loss[] = [];
  #unsynced: Loss[] = [];
  #removed: RemovedSegments[] = [];
  #isRoomWanted = false;
  /** Room being made. */
  #steps: Generator<void, void, undefined> | undefined;
  #isScheduled = false;

  constructor(listeners: WriterListeners) {
    this.#listeners = listeners;
  }

  lost(loss: Loss): void {
    if (loss.lines === 0) return;
    this.#losses.push(loss);
    this.#schedule();
  }

  unsynced(unsynced: Loss): void {
    if (unsynced.lines === 0) return;
    this.#unsynced.push(unsynced);
    this.#schedule();
  }

  removed(removed: readonly RemovedSegments[]): void {
    this.#removed.push(...removed);
    this.#schedule();
  }

  makeRoomSoon(): void {
    this.#isRoomWanted = true;
    this.#schedule();
  }

  /** Tells what there is to tell. Never throws; what a listener did not take is told again with the next news. */
  tell(): void {
    const losses = this.#losses;
    const unsynced = this.#unsynced;
    const removed = this.#removed;
    this.#losses = [];
    this.#unsynced = [];
    this.#removed = [];
    for (const loss of losses) {
      if (!succeeds(() => this.#listeners.onLoss?.(loss))) this.#losses.push(loss);
    }
    for (const lines of unsynced) {
      if (!succeeds(() => this.#listeners.onUnsynced?.(lines))) this.#unsynced.push(lines);
    }
    if (removed.length > 0 && !succeeds(() => this.#listeners.onRetention?.(removed)))
      this.#removed.unshift(...removed);
  }

  /** Goes on making room, for a short while. Returns whether it is through. */
  #makeRoom(): boolean {
    if (this.#isRoomWanted) {
      this.#isRoomWanted = false;
      this.#steps ??= this.sink?.makeRoom((planned) => this.#listeners.onRetention?.(planned));
    }
    const until = performance.now() + SLICE_MS;
    while (this.sink && this.#steps) {
      if (this.#steps.next().done) this.#steps = undefined;
      else if (performance.now() >= until) return false;
    }
    return true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A timer, not an immediate: one that keeps no process alive runs in an idle one nevertheless.
    setTimeout(() => {
      this.#isScheduled = false;
      if (!this.#makeRoom()) this.#schedule();
      this.tell();
    }).unref();
  }
}

function succeeds(task: () => void): boolean {
  try {
    task();
    return true;
  } catch {
    // A record that can't be written now can't be told of by an error either: nobody is there to catch it.
    return false;
  }
}
