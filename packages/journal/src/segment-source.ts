import { join } from 'node:path';
import { JournalReadError } from './errors.js';
import { closeSync, fstatSync, readSync } from './file-system.js';
import { segmentName } from './layout.js';
import { openRegular } from './small-file.js';

/** A segment's bytes, as whoever reads them has them. Offsets are those of the uncompressed lines. */
export class SegmentSource {
  readonly path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /**
   * Opens a file of lines.
   *
   * @returns the source, or `undefined` when there is no such file.
   * @throws {JournalFormatError} when it is not a regular file.
   * @throws {JournalReadError} when it can't be opened.
   */
  static open(path: string): SegmentSource | undefined {
    const fd = openRegular(path);
    return fd === undefined ? undefined : new SegmentSource(path, fd);
  }

  /** {@link SegmentSource.open} for a segment of a stream. */
  static openSegment(streamDirectory: string, segment: number): SegmentSource | undefined {
    return SegmentSource.open(join(streamDirectory, segmentName(segment)));
  }

  /** @throws {JournalReadError} */
  get size(): number {
    try {
      return fstatSync(this.#fd).size;
    } catch (error) {
      throw new JournalReadError(error, this.path);
    }
  }

  /**
   * Reads bytes from `position` on into `buffer`.
   *
   * @returns how many; 0 at the end.
   * @throws {JournalReadError}
   */
  read(buffer: Uint8Array, position: number): number {
    try {
      return readSync(this.#fd, buffer, 0, buffer.length, position);
    } catch (error) {
      throw new JournalReadError(error, this.path);
    }
  }

  /** Reads the bytes between two offsets; fewer when the file ends before. */
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
}
