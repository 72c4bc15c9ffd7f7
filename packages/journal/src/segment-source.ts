import { join } from 'node:path';
import { JournalFormatError, JournalReadError } from './errors.js';
import { closeSync, fstatSync, readSync } from './file-system.js';
import { compressedName, segmentName } from './layout.js';
import { openRegular } from './small-file.js';
import { decompressFrame, type Frame, type Frames, findFrames } from './zstd-frames.js';

/** A segment's bytes, as whoever reads them has them. Offsets are those of the uncompressed lines. */
export abstract class SegmentSource {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /**
   * Opens a file of lines; one whose name ends in `.zst` is decompressed.
   *
   * @returns the source, or `undefined` when there is no such file.
   * @throws {JournalFormatError} when it is not a regular file.
   * @throws {JournalReadError} when it can't be opened.
   */
  static open(path: string): SegmentSource | undefined {
    const fd = openRegular(path);
    if (fd === undefined) return undefined;
    return path.endsWith('.zst') ? new CompressedSource(path, fd) : new PlainSource(path, fd);
  }

  /** {@link SegmentSource.open} for a compressed file of any name. */
  static openCompressed(path: string): SegmentSource | undefined {
    const fd = openRegular(path);
    return fd === undefined ? undefined : new CompressedSource(path, fd);
  }

  /**
   * {@link SegmentSource.open} for a segment of a stream. The file that its writer wrote comes first: where it is there
   * beside the compressed one, whoever compresses it is not through yet.
   */
  static openSegment(streamDirectory: string, segment: number): SegmentSource | undefined {
    return (
      SegmentSource.open(join(streamDirectory, segmentName(segment))) ??
      SegmentSource.open(join(streamDirectory, compressedName(segment)))
    );
  }

  /** Bytes of its lines. @throws {JournalReadError} */
  abstract get size(): number;

  /**
   * Reads bytes from `position` on into `buffer`.
   *
   * @returns how many; 0 at the end.
   * @throws {JournalReadError}
   * @throws {JournalFormatError} when what is there is damaged, and can't be decompressed.
   */
  abstract read(buffer: Uint8Array, position: number): number;

  /** Reads the bytes between two offsets; fewer when the segment ends before. Throws as {@link read} does. */
  slice(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
    let length = 0;
    while (length < buffer.length) {
      const read = this.read(buffer.subarray(length), start + length);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Length of the file. */
  protected get fileSize(): number {
    try {
      return fstatSync(this.#fd).size;
    } catch (error) {
      throw new JournalReadError(error, this.path);
    }
  }

  /** Reads bytes of the file. */
  protected readFile(buffer: Uint8Array, position: number): number {
    try {
      return readSync(this.#fd, buffer, 0, buffer.length, position);
    } catch (error) {
      throw new JournalReadError(error, this.path);
    }
  }
}

class PlainSource extends SegmentSource {
  get size(): number {
    return this.fileSize;
  }

  read(buffer: Uint8Array, position: number): number {
    return this.readFile(buffer, position);
  }
}

/** Holds one frame at a time. */
class CompressedSource extends SegmentSource {
  #frames: Frames | undefined;
  #current: { readonly frame: Frame; readonly content: Uint8Array } | undefined;

  /** As far as it is whole. */
  get size(): number {
    return this.#index().size;
  }

  read(buffer: Uint8Array, position: number): number {
    const frame = this.#frameAt(position);
    if (!frame) {
      const { problem } = this.#index();
      if (problem !== undefined) throw new JournalFormatError(this.path, problem);
      return 0;
    }
    if (this.#current?.frame !== frame) {
      const content = decompressFrame(this.#bytes(frame.start, frame.length), frame, this.path);
      this.#current = { frame, content };
    }
    const from = position - frame.offset;
    const part = this.#current.content.subarray(from, from + buffer.length);
    buffer.set(part);
    return part.length;
  }

  #index(): Frames {
    this.#frames ??= findFrames((position, length) => this.#bytes(position, length));
    return this.#frames;
  }

  #frameAt(position: number): Frame | undefined {
    const { frames, size } = this.#index();
    if (position >= size) return undefined;
    let low = 0;
    let high = frames.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (frames[middle]!.offset <= position) low = middle;
      else high = middle - 1;
    }
    return frames[low];
  }

  #bytes(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.fileSize - position)));
    let done = 0;
    while (done < buffer.length) {
      const read = this.readFile(buffer.subarray(done), position + done);
      if (read === 0) break;
      done += read;
    }
    return buffer.subarray(0, done);
  }
}
