import { JournalWriteError } from './errors.js';
import type { RemovedSegments } from './removal-log.js';
import { type RetentionReport, type RetentionRules, retentionSteps } from './retention.js';
import { allowedBytes, type JournalLimits, spaceOf } from './space.js';
import { drain } from './steps.js';

/** A look at the whole folder is worth it only now and then, since other processes write there too. */
const LOOK_EVERY_MS = 60_000;
/** While appends are refused, how often to look whether there is room again. */
const RETRY_EVERY_MS = 1000;
const LARGEST_STEP_BYTES = 1024 * 1024;

/** Told what is about to go. */
export type Announce = (planned: readonly RemovedSegments[]) => void;

export interface RoomOptions {
  readonly limits: JournalLimits;
  readonly rules: RetentionRules;
  /**
   * Length of a segment. When something has to go, room for one more is made; and the limit may be passed by one before
   * appends wait for room to be made.
   */
  readonly segmentBytes: number;
  /** Asks for {@link Room.make} to be called, outside of an append. */
  readonly request: () => void;
  /** Called when segments had to be removed before anybody could be told. */
  readonly onRemoved: (removed: readonly RemovedSegments[]) => void;
}

/**
 * Watches a writer's limits. Asking the file system for each record would cost more than writing it: a writer asks here
 * every `stepBytes` and every few seconds, and may be that much over. Room is made outside of appends, so that what goes
 * can be recorded before it goes; within one only when there is no other way left.
 */
export class Room {
  /** Bytes that may be written between two checks. */
  readonly stepBytes: number;
  readonly #directory: string;
  readonly #options: RoomOptions;
  #usedBytes = 0;
  /** When the folder was looked at, in the terms of `performance.now()`. */
  #lookedAt = performance.now();
  #refusal: { code: string; problem: string } | undefined;
  /** While it is being recorded what goes, which needs room itself. */
  #isAnnouncing = false;

  constructor(directory: string, options: RoomOptions) {
    this.#directory = directory;
    this.#options = options;
    this.stepBytes = Math.min(LARGEST_STEP_BYTES, Math.ceil(options.limits.maxBytes / 16));
  }

  /** Counts bytes that were written since the last check. */
  wrote(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /**
   * Sees to it that there is room for the next bytes.
   *
   * @param isNewSegment whether a segment is about to be opened: a good time to look at the folder.
   * @throws {JournalWriteError} when a limit is reached and nothing may go.
   */
  check(now: number, isNewSegment: boolean): void {
    if (this.#isAnnouncing) return;
    const sinceLook = now - this.#lookedAt;
    if (this.#refusal && sinceLook >= RETRY_EVERY_MS) this.#options.request();
    this.#refuse();
    const excess = this.#excess();
    // A thread that appends without ever coming to rest gets no other chance.
    if (excess > this.#options.segmentBytes) {
      this.makeNow();
      this.#refuse();
    } else if (isNewSegment || excess > 0 || sinceLook >= LOOK_EVERY_MS) this.#options.request();
  }

  /**
   * Removes what the limits ask, in steps, and decides whether appends are refused from then on. Not to be called within
   * an append.
   *
   * @param announce records what is about to go. When that fails, for instance because the disk is full, it goes
   * nevertheless and is told afterwards: then there is room for the record.
   */
  *make(announce: Announce): Generator<void, void, undefined> {
    this.#lookedAt = performance.now();
    const before = this.#usedBytes;
    try {
      const report = yield* this.#steps((planned) => this.#announcing(() => announce(planned)));
      // What was written between the steps may not have been seen.
      this.#take(report, this.#usedBytes - before);
    } catch {
      this.makeNow();
    }
  }

  /** Removes what the limits ask, within an append; what went is told later. Returns whether something went. */
  makeNow(): boolean {
    this.#lookedAt = performance.now();
    try {
      const { removed } = this.#take(drain(this.#steps()));
      if (removed.length > 0) this.#options.onRemoved(removed);
      return removed.length > 0;
    } catch {
      // A folder that can't be listed may still be written; its limits have to wait.
      return false;
    }
  }

  #steps(announce?: Announce): Generator<void, RetentionReport, undefined> {
    const { limits, rules, segmentBytes } = this.#options;
    return retentionSteps(this.#directory, limits, { ...rules, reserveBytes: segmentBytes, announce });
  }

  #announcing(announce: () => void): void {
    this.#isAnnouncing = true;
    try {
      announce();
    } finally {
      this.#isAnnouncing = false;
    }
  }

  #take(report: RetentionReport, unseenBytes = 0): RetentionReport {
    this.#usedBytes = report.bytes + unseenBytes;
    this.#refusal = report.over && REFUSALS[report.over];
    return report;
  }

  #refuse(): void {
    if (this.#refusal) throw new JournalWriteError(this.#refusal.code, this.#directory, this.#refusal.problem);
  }

  /** Bytes that are used beyond what is allowed, for all that is known without looking at the folder. */
  #excess(): number {
    const { limits } = this.#options;
    try {
      return this.#usedBytes - allowedBytes(this.#usedBytes, spaceOf(this.#directory, limits), limits);
    } catch {
      // The write itself shows what is wrong.
      return 0;
    }
  }
}

const REFUSALS = {
  max_bytes: { code: 'EDQUOT', problem: 'max_bytes is reached, and nothing that may be removed is left' },
  min_free_bytes: {
    code: 'ENOSPC',
    problem: 'less than min_free_bytes is free, and nothing that may be removed is left',
  },
} as const;
