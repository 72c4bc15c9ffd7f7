import {
  type Adoption,
  acknowledgeCheckpoint,
  type Cursor,
  cursorAfter,
  loadCursor,
  type ReadLine,
  readTip,
  type StreamEntry,
  StreamReader,
  saveCursor,
} from '@botaudit/journal';
import { accessOf } from './access.js';
import { CheckpointFeed } from './checkpoint-feed.js';
import type { Scratch } from './scratch.js';
import { streamResource } from './stream-resource.js';
import type { EncodedRequest, Encoder, Wire } from './wire.js';

/** How much goes into one request. Many proxies take no more than 1 MiB, and OTLP/JSON is a quarter longer than the lines. */
export const MAX_RECORDS = 512;
export const MAX_BYTES = 768 * 1024;

/** The next records of a stream, and checkpoints behind them, in a request. */
export interface Batch extends EncodedRequest {
  /** When its first record was seen, in milliseconds since the epoch. */
  readonly since: number;
  /** Lines that don't follow from the one before them, and lines passed over. */
  readonly breaks: number;
  /** Absent where there are checkpoints alone. */
  readonly last: ReadLine | undefined;
  /** The last of its checkpoints. */
  readonly lastCheckpoint: string | undefined;
  /** Whether it could take no more, so that more may be there. */
  readonly full: boolean;
}

/** One stream as it is shipped: what has been read of it, and what has been acknowledged. */
export class StreamFeed {
  readonly entry: StreamEntry;
  readonly #adoption: Adoption | undefined;
  readonly #wire: Wire;
  readonly #reader: StreamReader;
  #encoder: Encoder | undefined;
  #acknowledged: Cursor | undefined;
  #lastAcknowledged: ReadLine | undefined;
  readonly #checkpoints: CheckpointFeed;
  #lastAcknowledgedCheckpoint: string | undefined;
  /** Taken and not acknowledged, oldest first. */
  readonly #taken: Batch[] = [];
  #readNumber: number;
  #skipped = 0;
  /** An adopted stream doesn't grow. */
  #endNumber: number | undefined;
  #nextSince: number | undefined;

  /** @param adoption the right to ship a stream whose writer is gone; let go by `close`. */
  constructor(entry: StreamEntry, wire: Wire, adoption?: Adoption) {
    this.entry = entry;
    this.#wire = wire;
    this.#adoption = adoption;
    this.#acknowledged = loadCursor(entry.directory);
    this.#readNumber = this.#acknowledged?.number ?? 0;
    this.#reader = new StreamReader(entry.directory, { from: this.#acknowledged });
    this.#checkpoints = new CheckpointFeed(entry.directory);
  }

  /** Whether its writer is gone, so that it has an end. */
  get adopted(): boolean {
    return this.#adoption !== undefined;
  }

  /** Makes requests of its lines. */
  get encoder(): Encoder {
    this.#encoder ??= this.#wire.createEncoder(streamResource(this.entry));
    return this.#encoder;
  }

  /**
   * The next records; `undefined` when there are none.
   *
   * @param scratch where the request is written; it must not be used again before the batch is acknowledged.
   * @throws {JournalReadError} when a file can't be read now.
   */
  take(scratch: Scratch): Batch | undefined {
    // Before the records are read, so that those it vouches for are among them.
    this.#checkpoints.look();
    const read = this.#reader.read(MAX_RECORDS, MAX_BYTES);
    let breaks = read.length > 0 ? this.#newlySkipped() : 0;
    let bytes = 0;
    const lines: string[] = [];
    for (const { line, number, offset, endOffset } of read) {
      // The first one there is may have predecessors that retention removed.
      if (number !== this.#readNumber + 1 && this.#readNumber !== 0) breaks++;
      this.#readNumber = number;
      bytes += endOffset - offset;
      lines.push(line);
    }
    const full = read.length === MAX_RECORDS || bytes > MAX_BYTES / 2;
    // Behind the records that they vouch for, and never instead of any.
    const checkpoints = full ? [] : this.#checkpoints.take(MAX_RECORDS - lines.length, MAX_BYTES - bytes);
    lines.push(...checkpoints);
    if (lines.length === 0) return undefined;
    const since = observedAt(lines[0]);
    const request = this.encoder.request(lines, scratch);
    const batch = { ...request, since, breaks, last: read.at(-1), lastCheckpoint: checkpoints.at(-1), full };
    this.#taken.push(batch);
    return batch;
  }

  /** The batch that was taken first has been taken by the receiver, or put aside. */
  acknowledge(): void {
    const { last, lastCheckpoint } = this.#taken.shift() ?? {};
    this.#lastAcknowledged = last ?? this.#lastAcknowledged;
    this.#lastAcknowledgedCheckpoint = lastCheckpoint ?? this.#lastAcknowledgedCheckpoint;
    this.#nextSince = undefined;
  }

  /**
   * Stores how far it is acknowledged.
   *
   * @throws {JournalWriteError}
   */
  save(): void {
    const { directory } = this.entry;
    if (this.#lastAcknowledged) {
      const cursor = cursorAfter(this.#lastAcknowledged);
      saveCursor(directory, cursor, accessOf(directory));
      this.#acknowledged = cursor;
      this.#lastAcknowledged = undefined;
    }
    if (this.#lastAcknowledgedCheckpoint !== undefined) {
      acknowledgeCheckpoint(directory, this.#lastAcknowledgedCheckpoint, accessOf(directory));
      this.#lastAcknowledgedCheckpoint = undefined;
    }
  }

  /** How many records are not acknowledged. */
  depth(): number {
    const acknowledged = this.#lastAcknowledged?.number ?? this.#acknowledged?.number ?? 0;
    const end = this.#endNumber ?? readTip(this.entry.directory)?.number ?? 0;
    if (this.adopted) this.#endNumber = end;
    return Math.max(0, end - acknowledged);
  }

  /** When the oldest record that is not acknowledged was seen, in milliseconds since the epoch. */
  oldest(): number {
    const [first] = this.#taken;
    if (first) return first.since;
    this.#nextSince ??= this.#peek();
    return this.#nextSince;
  }

  /**
   * Requests with one record each, from ever further behind `after`, or behind what is acknowledged. They change nothing:
   * these records are still to be sent in their turn.
   */
  *samples(after?: ReadLine): Generator<Uint8Array, void, undefined> {
    const from = after ? { segment: after.segment, offset: after.endOffset } : this.#acknowledged;
    const reader = new StreamReader(this.entry.directory, { from });
    try {
      for (let step = 1; ; step = Math.min(step * 2, MAX_RECORDS)) {
        const line = reader.read(step).at(-1)?.line;
        if (line === undefined) return;
        const { body, lines } = this.encoder.request([line]);
        if (lines.length > 0) yield body;
      }
    } finally {
      reader.close();
    }
  }

  close(): void {
    this.#reader.close();
    this.#adoption?.release();
  }

  #peek(): number {
    const reader = new StreamReader(this.entry.directory, { from: this.#acknowledged });
    try {
      return observedAt(reader.read(1)[0]?.line);
    } finally {
      reader.close();
    }
  }

  #newlySkipped(): number {
    const { lines, segments } = this.#reader.skipped;
    const before = this.#skipped;
    this.#skipped = lines + segments;
    return this.#skipped - before;
  }
}

/** When a record was seen, read off its line; now, where it does not say. */
function observedAt(line = ''): number {
  const nanoseconds = /"ObservedTimestamp":"(\d+)\d{6}"/.exec(line)?.[1];
  return nanoseconds === undefined ? Date.now() : Number(nanoseconds);
}
