import { join } from 'node:path';
import { JournalFormatError, JournalReadError } from './errors.js';
import { statSync } from './file-system.js';
import { listSegments, MAX_LINE_BYTES, segmentName } from './layout.js';
import { type FoundLine, LineSplitter } from './line-splitter.js';
import { refuseNewer } from './reader.js';
import { SegmentSource } from './segment-source.js';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** A line for verification: whatever is there, in order, nothing passed over. */
export interface RawLine extends Omit<FoundLine, 'defect'> {
  /** The file that it stands in. */
  readonly path: string;
  /** Number of the segment; absent when a single file is read. */
  readonly segment?: number | undefined;
  /** Why there is no text. `unreadable`: the file itself can't be read, see `reason`; it counts as one line. */
  readonly defect?: 'invalid-utf8' | 'too-long' | 'unreadable' | undefined;
  readonly reason?: string | undefined;
  /** Instead of a line, several whole ones, each with its newline, where these were asked for. */
  readonly block?: Uint8Array | undefined;
}

/** How to read lines. */
export interface RawOptions {
  /**
   * What to make of lines: `text`; or `blocks` of many as they stand in the file, with the `bytes` of those in between. Both
   * are good until the next piece is asked for. Default: `text`.
   */
  readonly form?: 'text' | 'blocks' | undefined;
  /** Offset of the byte to stop before, whatever was appended since it was chosen. Default: all is read. */
  readonly end?: number | undefined;
  /** Offset of the byte to begin at; of a line that begins before it only the rest is read. Default: 0. */
  readonly start?: number | undefined;
}

/**
 * All lines of a stream, from its first segment to its last, with torn tails (`terminated: false`), invalid UTF-8 and
 * lines that are too long as such. Constant memory. Segments that appear while reading are not visited.
 *
 * @throws {JournalFormatError} when the stream is of a newer format version.
 * @throws {JournalReadError} when the folder can't be read.
 */
export function* readRaw(
  streamDirectory: string,
  options: Pick<RawOptions, 'form'> = {},
): Generator<RawLine, void, undefined> {
  refuseNewer(streamDirectory);
  for (const segment of listSegments(streamDirectory)) yield* readRawSegment(streamDirectory, segment, options);
}

/** All lines of one segment of a stream, as {@link readRaw} has them. */
export function readRawSegment(
  streamDirectory: string,
  segment: number,
  options: RawOptions = {},
): Generator<RawLine, void, undefined> {
  const path = join(streamDirectory, segmentName(segment));
  return linesOf(path, () => SegmentSource.openSegment(streamDirectory, segment), options, segment);
}

/**
 * How far the segments of a stream reach now: the offset of their end, by number in ascending order. Of one that can't be
 * read, or is compressed and so not written to any more, infinity.
 *
 * @throws as {@link readRaw} does.
 */
export function segmentEnds(streamDirectory: string): Map<number, number> {
  refuseNewer(streamDirectory);
  return new Map(
    listSegments(streamDirectory).map((segment) => [segment, endOf(join(streamDirectory, segmentName(segment)))]),
  );
}

/**
 * How many bytes of lines a segment holds, compressed or not, as far as it is whole; `undefined` where it can't be read.
 * Of a compressed one the beginnings of its frames are read alone.
 */
export function segmentSize(streamDirectory: string, segment: number): number | undefined {
  try {
    const source = SegmentSource.openSegment(streamDirectory, segment);
    try {
      return source?.size;
    } finally {
      source?.close();
    }
  } catch (error) {
    if (error instanceof JournalFormatError || error instanceof JournalReadError) return undefined;
    throw error;
  }
}

function endOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY;
  } catch {
    // Reading it says what is wrong.
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * All lines of one file, as {@link readRaw} has them; one whose name ends in `.zst` is decompressed. One that can't be
 * read, or is not there, is a single finding.
 */
export function readRawFile(path: string): Generator<RawLine, void, undefined> {
  return linesOf(path, () => SegmentSource.open(path));
}

function* linesOf(
  usualPath: string,
  open: () => SegmentSource | undefined,
  { form, end = Number.POSITIVE_INFINITY, start = 0 }: RawOptions = {},
  segment?: number,
): Generator<RawLine, void, undefined> {
  let source: SegmentSource | undefined;
  let path = usualPath;
  try {
    source = open();
    if (!source) throw new JournalFormatError(path, 'is not there');
    path = source.path;
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const splitter = new LineSplitter(start, MAX_LINE_BYTES, form === 'blocks' ? 'bytes' : 'text');
    for (;;) {
      const { position } = splitter;
      const length = Math.min(source.read(chunk, position), end - position);
      if (length <= 0) break;
      let rest = chunk.subarray(0, length);
      if (form === 'blocks') {
        // First the line that an earlier chunk began.
        const from = position === splitter.lineStart ? 0 : rest.indexOf(NEWLINE) + 1;
        for (const line of splitter.push(rest.subarray(0, from))) yield rawLine(line, path, segment);
        const to = rest.lastIndexOf(NEWLINE) + 1;
        if (to > from && splitter.position === splitter.lineStart) {
          const { position: offset } = splitter;
          splitter.skip(to - from);
          const block = rest.subarray(from, to);
          yield { path, segment, offset, endOffset: splitter.position, terminated: true, block };
          rest = rest.subarray(to);
        } else rest = rest.subarray(from);
      }
      for (const line of splitter.push(rest)) yield rawLine(line, path, segment);
    }
    const last = splitter.end();
    if (last) yield rawLine(last, path, segment);
  } catch (error) {
    if (!(error instanceof JournalFormatError || error instanceof JournalReadError)) throw error;
    yield { path, segment, offset: 0, endOffset: 0, terminated: false, defect: 'unreadable', reason: error.message };
  } finally {
    source?.close();
  }
}

/** Member by member, which is several times as fast as to spread them, and this is done for every line. */
function rawLine(
  { offset, endOffset, terminated, text, bytes, defect, sample }: FoundLine,
  path: string,
  segment: number | undefined,
): RawLine {
  return { offset, endOffset, terminated, text, bytes, defect, sample, path, segment };
}
