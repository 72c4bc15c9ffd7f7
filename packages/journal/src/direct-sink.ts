import { errorCode, JournalWriteError } from './errors.js';
import { writeSync } from './file-system.js';
import { MAX_LINE_BYTES } from './layout.js';
import type { Announce } from './room.js';
import type { SegmentFile } from './segment-file.js';
import type { Segments } from './segments.js';
import type { Sink } from './sink.js';

const NEWLINE = 10;
const BUFFER_BYTES = 64 * 1024;
/** UTF-8 takes at most three bytes for one UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** How often a full disk is asked whether something may be removed. */
const MAKE_ROOM_EVERY_MS = 1000;

/**
 * Durability `process`: a line is in the kernel's hands when `append` returns, with one write(2). What happens between
 * the two is all that a record costs on disk, so nothing else happens here.
 */
export class DirectSink implements Sink {
  readonly #segments: Segments;
  /** One buffer for all lines: made once, touched as far as the longest line so far. */
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #madeRoomAt = Number.NEGATIVE_INFINITY;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  get streamDirectory(): string {
    return this.#segments.home.directory;
  }

  get locked(): boolean {
    return this.#segments.home.locked;
  }

  get bytes(): number {
    return this.#segments.bytes;
  }

  prepare(): void {
    this.#segments.home.prepare();
  }

  append(line: string): void {
    const now = performance.now();
    if (line.length * BYTES_PER_UNIT < BUFFER_BYTES) {
      const buffer = this.#buffer;
      const length = buffer.write(line);
      buffer[length] = NEWLINE;
      this.#write(buffer, length + 1, now);
    } else {
      const buffer = longLine(line, this.streamDirectory);
      this.#write(buffer, buffer.length, now);
    }
  }

  flush(): void {
    // Nothing is buffered; but what was written can have been removed since the last append looked.
    this.#segments.noticeLoss();
  }

  makeRoom(announce: Announce): Generator<void, void, undefined> {
    return this.#segments.makeRoom(announce);
  }

  close(): void {
    this.#segments.close();
  }

  #write(buffer: Buffer, length: number, now: number): void {
    const segment = this.#segments.forAppend(length, now);
    let done = 0;
    try {
      done = writeSync(segment.fd, buffer, 0, length);
      while (done < length) done += writeRest(segment, buffer, done, length);
    } catch (error) {
      this.#retry(buffer, length, now, error, segment);
      return;
    }
    segment.size += length;
    segment.lines++;
  }

  /**
   * Tries once more where that can help: there was no room and some was made, or the segment can grow no further. Where
   * a part of the line was written, it goes to a new segment, and the part stays behind as torn.
   */
  #retry(buffer: Buffer, length: number, now: number, error: unknown, failed: SegmentFile): void {
    this.#segments.doubt();
    const code = errorCode(error);
    if (!(code === 'EFBIG' ? failed.size > 0 : isFull(code) && this.#makeRoom(now))) {
      throw JournalWriteError.from(error, failed.path);
    }
    if (code === 'EFBIG') this.#segments.leave();
    const segment = this.#segments.forAppend(length, now);
    try {
      for (let done = 0; done < length; ) done += writeRest(segment, buffer, done, length);
    } catch (again) {
      this.#segments.doubt();
      throw JournalWriteError.from(again, segment.path);
    }
    segment.size += length;
    segment.lines++;
  }

  #makeRoom(now: number): boolean {
    if (now - this.#madeRoomAt < MAKE_ROOM_EVERY_MS) return false;
    this.#madeRoomAt = now;
    return this.#segments.makeRoomNow();
  }
}

/** The bytes of a line and its newline, where they may not fit into the usual buffer. */
export function longLine(line: string, path: string): Buffer {
  const buffer = Buffer.from(`${line}\n`);
  if (buffer.length - 1 <= MAX_LINE_BYTES) return buffer;
  throw new JournalWriteError('EMSGSIZE', path, `a line has ${buffer.length - 1} bytes, at most ${MAX_LINE_BYTES}`);
}

/** Whether an error says that there is no room. */
function isFull(code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** One write of what is left of a line. A disk that takes nothing and reports nothing must not keep us here. */
function writeRest({ fd, path }: SegmentFile, buffer: Buffer, done: number, length: number): number {
  const written = writeSync(fd, buffer, done, length - done);
  if (written === 0) throw new JournalWriteError('EIO', path, 'the file system takes no more bytes');
  return written;
}
