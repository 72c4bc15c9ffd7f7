import { JournalFormatError } from './errors.js';
import { listSegments } from './layout.js';
import { LineSplitter } from './line-splitter.js';
import { sequenceNumber } from './record-fields.js';
import { SegmentSource } from './segment-source.js';
import { readStreamInfo } from './stream-info.js';

const CHUNK_BYTES = 64 * 1024;

/** A record as it was read from a stream. */
export interface ReadLine {
  /** The canonical line, without its newline. */
  readonly line: string;
  /** Its `audit.sequence.number`. */
  readonly number: number;
  readonly segment: number;
  /** Where its line starts in the segment, and where it ends, newline included; bytes, uncompressed. */
  readonly offset: number;
  readonly endOffset: number;
}

/** A place in a stream to read on from. */
export interface ReadFrom {
  readonly segment: number;
  readonly offset: number;
}

/** What a reader passed over because it is no record: verification says what it was. */
export interface Skipped {
  /** Whole lines that are not sealed records. */
  readonly lines: number;
  /** Bytes that are on no whole line, in segments that have a successor. */
  readonly tornBytes: number;
  /** Segments that are not regular files, or compressed and damaged from some place on. */
  readonly segments: number;
}

/**
 * Reads a stream's records in order, across segments, and goes on where it stopped: what is appended later is read
 * later. Sees complete lines only. Holds one chunk of 64 KiB and at most one line (1 MiB), however long the stream is.
 */
export class StreamReader {
  readonly streamDirectory: string;
  #segment: number | undefined;
  #source: SegmentSource | undefined;
  #splitter: LineSplitter;
  /** Read and not handed out yet. */
  #ready: ReadLine[] = [];
  #next = 0;
  #chunk: Buffer | undefined;
  #skipped = { lines: 0, tornBytes: 0, segments: 0 };
  /** The rest of the open segment is damaged. */
  #isDamaged = false;

  /**
   * @param options.from where to start, such as a cursor that `loadCursor` returned. Default: the first record there is.
   * @throws {JournalFormatError} when the stream is of a newer format version.
   */
  constructor(streamDirectory: string, { from }: { from?: ReadFrom | undefined } = {}) {
    this.streamDirectory = streamDirectory;
    this.#segment = from?.segment;
    this.#splitter = new LineSplitter(from?.offset);
    refuseNewer(streamDirectory);
  }

  /** What was passed over so far. */
  get skipped(): Skipped {
    return { ...this.#skipped };
  }

  /**
   * The next records, at most `maxRecords` and, beyond the first, `maxBytes` of lines; none when nothing new is there.
   *
   * @throws {JournalReadError} when a file can't be read now; the next call tries again.
   */
  read(maxRecords: number, maxBytes = Number.POSITIVE_INFINITY): ReadLine[] {
    const lines: ReadLine[] = [];
    let bytes = 0;
    while (lines.length < maxRecords) {
      if (this.#next === this.#ready.length && !this.#readChunk()) break;
      const line = this.#ready[this.#next];
      if (!line) continue;
      bytes += line.endOffset - line.offset;
      if (lines.length > 0 && bytes > maxBytes) break;
      lines.push(line);
      this.#next++;
    }
    return lines;
  }

  /** Lets go of the open file. A later `read` would open it again. */
  close(): void {
    this.#source?.close();
    this.#source = undefined;
    // The unfinished line is read anew from its start.
    this.#splitter = new LineSplitter(this.#splitter.lineStart);
    this.#chunk = undefined;
  }

  /** Reads one chunk; `false` when there is nothing new. */
  #readChunk(): boolean {
    if (!this.#source && !this.#open()) return false;
    if (this.#fillWhole()) return true;
    // The writer leaves a segment for good when it opens the next. So only after the next one was seen is the end of
    // this one its end: it may have grown in between.
    const next = this.#following();
    if (next === undefined) return false;
    if (this.#fillWhole()) return true;
    this.#skipped.tornBytes += this.#splitter.position - this.#splitter.lineStart;
    this.#leaveFor(next);
    return true;
  }

  /** {@link #fill}, to where the segment is damaged. */
  #fillWhole(): boolean {
    if (this.#isDamaged) return false;
    try {
      return this.#fill();
    } catch (error) {
      if (!(error instanceof JournalFormatError)) throw error;
      this.#isDamaged = true;
      this.#skipped.segments++;
      return false;
    }
  }

  /** Reads on in the open segment; `false` at its end. */
  #fill(): boolean {
    const source = this.#source!;
    this.#chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const length = source.read(this.#chunk, this.#splitter.position);
    if (length === 0) return false;
    this.#ready = [];
    this.#next = 0;
    const segment = this.#segment!;
    for (const { text, offset, endOffset } of this.#splitter.push(this.#chunk.subarray(0, length))) {
      const number = text === undefined ? undefined : sequenceNumber(text);
      if (text === undefined || number === undefined) this.#skipped.lines++;
      else this.#ready.push({ line: text, number, segment, offset, endOffset });
    }
    return true;
  }

  /** Opens the current segment, or the next one that is there. */
  #open(): boolean {
    for (;;) {
      this.#segment ??= listSegments(this.streamDirectory)[0];
      if (this.#segment === undefined) return false;
      try {
        this.#source = SegmentSource.openSegment(this.streamDirectory, this.#segment);
        if (this.#source) return true;
      } catch (error) {
        if (!(error instanceof JournalFormatError)) throw error;
        this.#skipped.segments++;
      }
      // Removed by retention, or no file at all: what follows is what there is to read.
      const next = this.#following();
      if (next === undefined) return false;
      this.#leaveFor(next);
    }
  }

  #following(): number | undefined {
    return listSegments(this.streamDirectory).find((segment) => segment > this.#segment!);
  }

  #leaveFor(segment: number): void {
    this.#source?.close();
    this.#source = undefined;
    this.#segment = segment;
    this.#splitter = new LineSplitter();
    this.#isDamaged = false;
  }
}

/** @throws {JournalFormatError} when the stream is of a newer format version; anything else shows in its lines. */
export function refuseNewer(streamDirectory: string): void {
  try {
    readStreamInfo(streamDirectory);
  } catch (error) {
    if (error instanceof JournalFormatError && error.newerVersion !== undefined) throw error;
  }
}
