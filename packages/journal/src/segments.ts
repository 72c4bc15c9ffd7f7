import { errorCode, JournalWriteError } from './errors.js';
import { constants } from './file-system.js';
import type { Announce, Room } from './room.js';
import { SegmentFile } from './segment-file.js';
import type { StreamHome } from './stream-home.js';

/** What sees to it that segments survive the loss of power. */
interface SegmentKeeper {
  /** A segment was made. */
  opened(segment: SegmentFile): void;
  /** Lines of the open segment that are neither known to be safe nor reported. */
  readonly unsettled: number;
  /** Sees to it that there are none, which may take the disk's time. Never throws. */
  settle(): void;
}

/** How often what others may have done is looked after: room on the disk, files that were removed. */
const CHECK_EVERY_MS = 5000;

export interface SegmentRules {
  /** Length from which on a segment is full. A single line may be longer. */
  readonly maxBytes: number;
  /** Age from which on a segment takes no more, ms. */
  readonly maxAgeMs: number;
  /** Whether each write names its place in the file instead of going to its end. */
  readonly positioned: boolean;
  readonly keeper?: SegmentKeeper | undefined;
  /** Called when a segment is opened and there are finished ones before it. */
  readonly onFinished?: (() => void) | undefined;
  /** Called with the number of lines that were in a segment which was removed while it was being written. */
  readonly onGone: (lines: number) => void;
}

/**
 * The segments of a stream as its writer has them: one is open, and a new one is opened when that is full, old, removed
 * by somebody, or ends in a torn line.
 */
export class Segments {
  readonly home: StreamHome;
  readonly #room: Room;
  readonly #rules: SegmentRules;
  #current: SegmentFile | undefined;
  /** The next append has to be prepared when it would take the segment beyond this, */
  #dueBytes = 0;
  /** or when this time is reached, in the terms of `performance.now()`. */
  #dueTime = 0;
  #doubtful = false;
  #closed = false;
  #lastNumber = 0;
  /** Bytes in the segments that were left. */
  #leftBytes = 0;
  /** Bytes that the room knows of. */
  #countedBytes = 0;

  constructor(home: StreamHome, room: Room, rules: SegmentRules) {
    this.home = home;
    this.#room = room;
    this.#rules = rules;
  }

  /** Bytes of whole lines in all segments. */
  get bytes(): number {
    return this.#leftBytes + (this.#current?.size ?? 0);
  }

  /**
   * The segment to append `length` bytes to.
   *
   * @throws {JournalWriteError} when there is none to be had now.
   */
  forAppend(length: number, now: number): SegmentFile {
    const current = this.#current;
    if (current !== undefined && current.size + length <= this.#dueBytes && now < this.#dueTime) return current;
    return this.#prepare(length, now);
  }

  /** After a failed write: what is in the segment has to be looked at before anything else goes there. */
  doubt(): void {
    this.#doubtful = true;
    this.#dueBytes = 0;
  }

  /** Tells when somebody removed the open segment, and leaves it. Returns whether that was so. */
  noticeLoss(): boolean {
    const segment = this.#current;
    if (!segment?.isGone()) return false;
    this.#rules.onGone(segment.lines);
    this.leave();
    return true;
  }

  /** Leaves the open segment for good. */
  leave(): void {
    if (!this.#current) return;
    this.#rules.keeper?.settle();
    this.#leftBytes += this.#current.size;
    this.#current.close();
    this.#current = undefined;
  }

  /** Makes room outside of an append; see {@link Room.make}. A refusal shows at the next append. */
  *makeRoom(announce: Announce): Generator<void, void, undefined> {
    yield* this.#room.make(announce);
    this.#dueBytes = 0;
  }

  /** Makes room within an append, after a write found none. Returns whether something went. */
  makeRoomNow(): boolean {
    this.#dueBytes = 0;
    return this.#room.makeNow();
  }

  /** Ends the stream: there is no segment for an append any more. */
  close(): void {
    this.#closed = true;
    this.leave();
    this.home.release();
  }

  #prepare(length: number, now: number): SegmentFile {
    if (this.#closed) throw new JournalWriteError('ECLOSED', this.home.directory, 'the stream is closed');
    // Until everything is in order, the next append has to come here again.
    this.#dueBytes = 0;
    try {
      this.home.prepare();
      this.#leaveUnfit(length, now);
      this.#room.wrote(this.bytes - this.#countedBytes);
      this.#countedBytes = this.bytes;
      this.#room.check(now, this.#current === undefined && this.#lastNumber > 0);
      this.#current ??= this.#create(now);
      const segment = this.#current;
      this.#dueBytes = Math.min(this.#rules.maxBytes, segment.size + this.#room.stepBytes);
      this.#dueTime = Math.min(segment.openedAt + this.#rules.maxAgeMs, now + CHECK_EVERY_MS);
      return segment;
    } catch (error) {
      throw JournalWriteError.from(error, this.home.directory);
    }
  }

  #leaveUnfit(length: number, now: number): void {
    const segment = this.#current;
    const doubtful = this.#doubtful;
    this.#doubtful = false;
    if (!segment) return;
    const { maxBytes, maxAgeMs } = this.#rules;
    if (this.noticeLoss()) return;
    if (doubtful && !segment.isWhole()) {
      this.leave();
    } else if (segment.size > 0 && (segment.size + length > maxBytes || now - segment.openedAt >= maxAgeMs)) {
      if (this.#isLeftSoon(segment, length, now)) return;
      this.leave();
    }
  }

  /** Whether a segment that is full or old goes on for a little while, so that nobody has to wait for the disk. */
  #isLeftSoon(segment: SegmentFile, length: number, now: number): boolean {
    const { maxBytes, maxAgeMs, keeper } = this.#rules;
    if (!keeper?.unsettled) return false;
    return segment.size + length <= 2 * maxBytes && now - segment.openedAt < maxAgeMs + CHECK_EVERY_MS;
  }

  #create(now: number): SegmentFile {
    const flags = this.#rules.positioned ? 0 : constants.O_APPEND;
    let segment: SegmentFile;
    try {
      segment = SegmentFile.create(this.home, this.#lastNumber, now, flags);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // The folder itself was removed.
      this.home.lost();
      this.home.prepare();
      segment = SegmentFile.create(this.home, this.#lastNumber, now, flags);
    }
    if (this.#lastNumber > 0) this.#rules.onFinished?.();
    this.#lastNumber = segment.number;
    this.#rules.keeper?.opened(segment);
    return segment;
  }
}
