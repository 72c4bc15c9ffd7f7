import * as zlib from 'node:zlib';
import { JournalFormatError } from './errors.js';

/*
 * Compressed segments are frames of Zstandard (RFC 8878), one after the other: each is decompressed for itself, so that a
 * segment can be read from anywhere, in little memory, and synchronously. `zstd -dc` and `zstdcat` read them as one file.
 */
/** How much goes into one frame. Larger ones are hardly smaller in sum. */
export const FRAME_BYTES = 256 * 1024;

/** What a frame may hold at most: that of somebody who compressed a segment by hand. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** What a segment may hold at most. A file of some bytes can say that it holds any number of them. */
export const MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;
const MAX_FRAMES = 64 * 1024;
/** Logarithm of what a decoder may have to remember: 16 MiB. */
const MAX_WINDOW_LOG = 24;

const MAGIC = 0xfd2fb528;
/** Frames without content, for whoever knows them: the last four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** The longest header: magic, descriptor, window, dictionary, size. */
const MAX_HEADER_BYTES = 18;

/** A frame of a file. */
export interface Frame {
  /** Where it starts in the file, and its length. */
  readonly start: number;
  readonly length: number;
  /** Where its content starts in the segment, and its size. */
  readonly offset: number;
  readonly size: number;
}

/** The frames of a file, as far as they are whole. */
export interface Frames {
  readonly frames: readonly Frame[];
  /** Bytes of their content. */
  readonly size: number;
  /** What is wrong behind them. */
  readonly problem?: string | undefined;
}

/** Compresses what goes into one frame. Fast rather than small: records are much alike. */
export function compressFrame(content: Uint8Array): Uint8Array {
  return zlib.zstdCompressSync(content, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: 1, [zlib.constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/**
 * Decompresses one frame.
 *
 * @throws {JournalFormatError} when it is damaged, or holds anything else than it says.
 */
export function decompressFrame(bytes: Uint8Array, { size, start }: Frame, path: string): Uint8Array {
  try {
    const content = zlib.zstdDecompressSync(bytes, {
      // 0 means no limit.
      maxOutputLength: Math.max(1, size),
      params: { [zlib.constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
    });
    if (content.length === size) return content;
  } catch {
    // Whatever it says of itself, it can't be read.
  }
  throw new JournalFormatError(path, `is damaged in the frame at byte ${start}`);
}

/**
 * Finds the frames of a file by their headers, without decompressing them.
 *
 * @param read gives the bytes from a position on, fewer at the end.
 */
export function findFrames(read: (position: number, length: number) => Buffer): Frames {
  const frames: Frame[] = [];
  let size = 0;
  for (let start = 0; ; ) {
    const header = read(start, MAX_HEADER_BYTES);
    if (header.length === 0) return { frames, size };
    const found = frameAt(header, start, read);
    if (typeof found === 'string') return { frames, size, problem: `${found} at byte ${start}` };
    if (found.size > 0) {
      if (frames.length === MAX_FRAMES || size + found.size > MAX_SEGMENT_BYTES) {
        return { frames, size, problem: `holds more than a segment may, ${MAX_SEGMENT_BYTES} bytes` };
      }
      frames.push({ start, length: found.length, offset: size, size: found.size });
      size += found.size;
    }
    start += found.length;
  }
}

/** Length and content size of a frame, or what is wrong with it. */
function frameAt(
  header: Buffer,
  start: number,
  read: (position: number, length: number) => Buffer,
): { length: number; size: number } | string {
  if (header.length < 8) return 'is cut off';
  const magic = header.readUInt32LE();
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return { length: 8 + header.readUInt32LE(4), size: 0 };
  if (magic !== MAGIC) return 'is not compressed with Zstandard';
  const descriptor = header[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (sizeBytes === 0) return 'does not say how much it holds';
  if (header.length < sizeAt + sizeBytes) return 'is cut off';
  const size = contentSize(header, sizeAt, sizeBytes);
  if (size > MAX_FRAME_BYTES) return `has a frame of ${size} bytes, more than ${MAX_FRAME_BYTES},`;
  const end = endOfBlocks(start + sizeAt + sizeBytes, read);
  if (typeof end === 'string') return end;
  const length = end + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0) - start;
  if (read(start + length - 1, 1).length === 0) return 'is cut off';
  return { length, size };
}

function contentSize(header: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(header.readBigUInt64LE(at));
  const size = header.readUIntLE(at, bytes);
  return bytes === 2 ? size + 256 : size;
}

/** Where the blocks that start at `position` end. */
function endOfBlocks(position: number, read: (position: number, length: number) => Buffer): number | string {
  for (let at = position; ; ) {
    const header = read(at, 3);
    if (header.length < 3) return 'is cut off';
    const bits = header.readUIntLE(0, 3);
    const kind = (bits >> 1) & 3;
    if (kind === RESERVED_BLOCK) return 'is damaged';
    at += 3 + (kind === RLE_BLOCK ? 1 : bits >> 3);
    if ((bits & 1) !== 0) return at;
  }
}
