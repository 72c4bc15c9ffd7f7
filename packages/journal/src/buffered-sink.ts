import { longLine } from './direct-sink.js';
import { errorCode, JournalWriteError } from './errors.js';
import { write, writeSync } from './file-system.js';
import { MAX_LINE_BYTES } from './layout.js';
import type { Announce } from './room.js';
import type { SegmentFile } from './segment-file.js';
import type { Segments } from './segments.js';
import type { Loss, Sink } from './sink.js';

const NEWLINE = 10;
/** What may wait in memory, in UTF-16 units; appends beyond are refused. */
const MAX_WAITING = 8 * 1024 * 1024;
const BATCH_UNITS = 256 * 1024;
const RETRY_MS = 1000;
/** A write that takes longer has a file system that hangs; waiting for it would hang the process's end too. */
const STALLED_MS = 1000;

/** After these, the same bytes may go to the same place later. After any other, a new segment is opened. */
const PASSING: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EAGAIN', 'EINTR', 'ETIMEDOUT']);

/** Lines on their way to the disk. */
interface Batch {
  buffer: Buffer;
  lines: number;
  /** Bytes of it that are in the segment already. */
  done: number;
  segment?: SegmentFile | undefined;
  /** Since when a write of it is under way, in the terms of `performance.now()`. */
  since?: number | undefined;
}

/**
 * Durability `memory`: an append returns at once and the line is written within a tick, off the bot's thread, so that a
 * network file system which hangs does not hang the bot. Each write names its place in the file: what is still under way
 * when the process ends can be written once more, to the same place, and nothing is there twice.
 */
export class BufferedSink implements Sink {
  readonly #segments: Segments;
  readonly #onLoss: (loss: Loss) => void;
  #waiting: string[] = [];
  #waitingUnits = 0;
  #batch: Batch | undefined;
  #scheduled = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(segments: Segments, onLoss: (loss: Loss) => void) {
    this.#segments = segments;
    this.#onLoss = onLoss;
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

  append(line: string, sync?: boolean): void {
    if (this.#closed) throw new JournalWriteError('ECLOSED', this.streamDirectory, 'the stream is closed');
    if (line.length * 3 > MAX_LINE_BYTES) longLine(line, this.streamDirectory);
    if (sync) {
      this.flush();
      this.#appendNow(Buffer.from(`${line}\n`));
      return;
    }
    if (this.#waitingUnits + line.length > MAX_WAITING) {
      throw new JournalWriteError('ENOBUFS', this.streamDirectory, 'the disk does not keep up, and the buffer is full');
    }
    this.#waiting.push(line);
    this.#waitingUnits += line.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  flush(): void {
    for (let batch = this.#take(); batch; batch = this.#take()) {
      const { since } = batch;
      if (since !== undefined && performance.now() - since > STALLED_MS) {
        throw new JournalWriteError('ETIMEDOUT', this.streamDirectory, 'a write has been under way for too long');
      }
      // Whatever is under way may finish: it writes the same bytes to the same place. Its answer is no longer awaited.
      const own: Batch = { ...batch, since: undefined };
      this.#batch = own;
      this.#writeNow(own);
      this.#landed(own);
    }
  }

  makeRoom(announce: Announce): Generator<void, void, undefined> {
    return this.#segments.makeRoom(announce);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    try {
      this.flush();
    } catch (error) {
      this.#onLoss({ lines: (this.#batch?.lines ?? 0) + this.#waiting.length, code: errorCode(error) });
    }
    this.#segments.close();
  }

  /** Writes one line, when nothing waits before it; a part of it stays behind as torn. */
  #appendNow(buffer: Buffer): void {
    const batch: Batch = { buffer, lines: 1, done: 0 };
    try {
      this.#writeRest(batch);
      this.#landed(batch);
    } catch (error) {
      const path = batch.segment?.path ?? this.streamDirectory;
      const isFull = batch.segment !== undefined && batch.segment.size > 0 && !PASSING.has(errorCode(error));
      if (batch.done > 0 || isFull) this.#segments.leave();
      if (!isFull) throw JournalWriteError.from(error, path);
      this.#appendNow(buffer);
    }
  }

  /** The batch under way, or the next. */
  #take(): Batch | undefined {
    if (this.#batch || this.#waiting.length === 0) return this.#batch;
    let units = 0;
    let lines = 0;
    while (lines < this.#waiting.length && (lines === 0 || units < BATCH_UNITS))
      units += this.#waiting[lines++]!.length;
    const buffer = Buffer.from(`${this.#waiting.slice(0, lines).join('\n')}\n`);
    this.#waiting = this.#waiting.slice(lines);
    this.#waitingUnits -= units;
    this.#batch = { buffer, lines, done: 0 };
    return this.#batch;
  }

  /** Starts the next write, unless one is under way. */
  #pump(): void {
    if (this.#closed || this.#batch?.since !== undefined) return;
    const batch = this.#take();
    if (!batch) return;
    const now = performance.now();
    try {
      batch.segment ??= this.#segments.forAppend(batch.buffer.length, now);
    } catch {
      // The lines wait; when too many do, appends say so.
      this.#retryLater();
      return;
    }
    const { segment, buffer, done } = batch;
    batch.since = now;
    segment.begin();
    write(segment.fd, buffer, done, buffer.length - done, segment.size + done, (error, written) => {
      segment.settle();
      // A flush took it over: the bytes are written, and counted, already.
      if (this.#batch !== batch) return;
      batch.since = undefined;
      if (error || written === 0) {
        if (!this.#failed(batch, error ? errorCode(error) : 'EIO')) return;
      } else {
        batch.done += written;
        if (batch.done === buffer.length) this.#landed(batch);
      }
      this.#pump();
    });
  }

  #writeNow(batch: Batch): void {
    for (let isWritten = false; !isWritten; ) {
      try {
        this.#writeRest(batch);
        isWritten = true;
      } catch (error) {
        const path = batch.segment?.path ?? this.streamDirectory;
        if (!this.#failed(batch, errorCode(error))) throw JournalWriteError.from(error, path);
      }
    }
  }

  #writeRest(batch: Batch): void {
    batch.segment ??= this.#segments.forAppend(batch.buffer.length, performance.now());
    const { segment, buffer } = batch;
    while (batch.done < buffer.length) {
      const position = segment.size + batch.done;
      const written = writeSync(segment.fd, buffer, batch.done, buffer.length - batch.done, position);
      if (written === 0) throw new JournalWriteError('EIO', segment.path, 'the file system takes no more bytes');
      batch.done += written;
    }
  }

  #landed(batch: Batch): void {
    const segment = batch.segment!;
    segment.size += batch.buffer.length;
    segment.lines += batch.lines;
    this.#batch = undefined;
  }

  /** After a write that failed. Returns whether the next may follow at once, since it goes elsewhere. */
  #failed(batch: Batch, code: string): boolean {
    if (!PASSING.has(code) && batch.segment && this.#moveOn(batch, batch.segment)) return true;
    this.#retryLater();
    return false;
  }

  /**
   * Takes a batch to a new segment; lines that are whole in the old one stay there. Returns whether the old one holds
   * anything: where not even the first line went into an empty file, the next will be no better.
   */
  #moveOn(batch: Batch, segment: SegmentFile): boolean {
    const { buffer, done } = batch;
    const whole = done === 0 ? 0 : buffer.lastIndexOf(NEWLINE, done - 1) + 1;
    const lines = countNewlines(buffer.subarray(0, whole));
    segment.size += whole;
    segment.lines += lines;
    batch.buffer = buffer.subarray(whole);
    batch.lines -= lines;
    batch.done = 0;
    batch.segment = undefined;
    this.#segments.leave();
    return segment.size > 0;
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#segments.makeRoomNow();
      this.#pump();
    }, RETRY_MS).unref();
  }
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
