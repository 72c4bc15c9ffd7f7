import { JournalWriteError } from './errors.js';
import { MAX_LINE_BYTES } from './layout.js';
import type { ReadLine } from './reader.js';
import { sequenceNumber } from './record-fields.js';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * The last resort where no folder can be written: records in memory, as many as fit. When it is full, the oldest go; they
 * are counted. A shipper reads it like a stream, and releases what was acknowledged.
 */
export class MemoryRing {
  readonly #maxBytes: number;
  #lines: ReadLine[] = [];
  /** Lines before this index are gone. */
  #first = 0;
  #bytes = 0;
  #end = 0;
  #dropped = 0;

  /** @param maxBytes what the lines may take together. Default 16 MiB. */
  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Records that went because there was no room, and were not released. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Records that are there. */
  get length(): number {
    return this.#lines.length - this.#first;
  }

  /** Bytes that were appended, also of what is gone. */
  get bytes(): number {
    return this.#end;
  }

  /** @throws {JournalWriteError} when the line is too long. */
  append(line: string): void {
    const length = Buffer.byteLength(line) + 1;
    if (length > MAX_LINE_BYTES || length > this.#maxBytes) {
      throw new JournalWriteError('EMSGSIZE', '(memory)', `a line has ${length - 1} bytes, too many`);
    }
    const offset = this.#end;
    this.#end += length;
    this.#lines.push({ line, number: sequenceNumber(line) ?? 0, segment: 1, offset, endOffset: this.#end });
    this.#bytes += length;
    while (this.#bytes > this.#maxBytes) {
      this.#shift();
      this.#dropped++;
    }
  }

  /** The oldest records, at most `maxRecords` and, beyond the first, `maxBytes` of lines. They stay. */
  read(maxRecords: number, maxBytes = Number.POSITIVE_INFINITY): ReadLine[] {
    const lines: ReadLine[] = [];
    let bytes = 0;
    for (let index = this.#first; index < this.#lines.length && lines.length < maxRecords; index++) {
      const line = this.#lines[index]!;
      bytes += line.endOffset - line.offset;
      if (lines.length > 0 && bytes > maxBytes) break;
      lines.push(line);
    }
    return lines;
  }

  /** Lets go of the records up to and including this one. */
  release({ endOffset }: ReadLine): void {
    while (this.#first < this.#lines.length && this.#lines[this.#first]!.endOffset <= endOffset) this.#shift();
  }

  #shift(): void {
    const line = this.#lines[this.#first]!;
    this.#bytes -= line.endOffset - line.offset;
    this.#first++;
    // Moved down now and then only: each move copies what remains.
    if (this.#first > 1024 && this.#first * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }
}
