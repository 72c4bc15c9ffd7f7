import { isUtf8 } from 'node:buffer';
import { MAX_LINE_BYTES } from './layout.js';

const NEWLINE = 10;
const SAMPLE_BYTES = 1024;

/** A line as it was found, whatever it holds. */
export interface FoundLine {
  /** Where it starts and ends, its newline included, counted from where the splitter started. */
  readonly offset: number;
  readonly endOffset: number;
  /** Whether a newline ended it. One without is torn, or still being written. */
  readonly terminated: boolean;
  /** The line without its newline; absent when it is not valid UTF-8, or too long. */
  readonly text?: string | undefined;
  /** The same as bytes, where these were asked for instead; good until the next bytes are pushed. */
  readonly bytes?: Uint8Array | undefined;
  /** Why there is neither. */
  readonly defect?: 'invalid-utf8' | 'too-long' | undefined;
  /** Where there is no text: the line's first bytes, at most 1 KiB. */
  readonly sample?: Uint8Array | undefined;
}

/**
 * Cuts bytes, however they come in pieces, into lines. Holds at most one line, and of one that is too long no more than
 * its beginning.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #form: 'text' | 'bytes';
  /** Where the current line starts. */
  #start: number;
  /** What is known of it from earlier chunks: copies, since a caller may use its buffer again. */
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Bytes of the current line that were dropped because it is too long. */
  #dropped = 0;

  /**
   * @param position offset of the first byte that will be pushed.
   * @param maxLineBytes length from which on a line is too long. Default 1 MiB.
   * @param form what to make of a line; bytes are not looked at, and so never `invalid-utf8`.
   */
  constructor(position = 0, maxLineBytes = MAX_LINE_BYTES, form: 'text' | 'bytes' = 'text') {
    this.#start = position;
    this.#form = form;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Where the unfinished line starts: the end of all that was returned. */
  get lineStart(): number {
    return this.#start;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#start + this.#held + this.#dropped;
  }

  /** Takes the next bytes and returns the lines that they end. */
  push(chunk: Uint8Array): FoundLine[] {
    const lines: FoundLine[] = [];
    let from = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
      lines.push(this.#finish(chunk.subarray(from, newline), true));
      from = newline + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    return lines;
  }

  /** Passes over whole lines, which whoever has them looks at without help. Not in the middle of a line. */
  skip(bytes: number): void {
    this.#start += bytes;
  }

  /** The line that no newline ended, if there is one. Nothing may be pushed afterwards. */
  end(): FoundLine | undefined {
    return this.position === this.#start ? undefined : this.#finish(new Uint8Array(0), false);
  }

  #finish(rest: Uint8Array, terminated: boolean): FoundLine {
    const length = this.#held + this.#dropped + rest.length;
    const offset = this.#start;
    const endOffset = offset + length + (terminated ? 1 : 0);
    const bytes = this.#held === 0 ? rest : Buffer.concat([...this.#parts, rest]);
    this.#start = endOffset;
    this.#parts = [];
    this.#held = 0;
    this.#dropped = 0;
    const position = { offset, endOffset, terminated };
    const isTooLong = length > this.#maxLineBytes;
    if (this.#form === 'bytes' && !isTooLong) return { ...position, bytes };
    const defect = isTooLong ? 'too-long' : isUtf8(bytes) ? undefined : 'invalid-utf8';
    if (defect) return { ...position, defect, sample: Uint8Array.from(bytes.subarray(0, SAMPLE_BYTES)) };
    return { ...position, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') };
  }

  #hold(part: Uint8Array): void {
    const tooLong = this.#dropped > 0 || this.#held + part.length > this.#maxLineBytes;
    if (tooLong) this.#shorten();
    // Of a line that is too long the beginning is enough to show what it was.
    const kept = tooLong ? part.subarray(0, Math.max(0, SAMPLE_BYTES - this.#held)) : part;
    if (kept.length > 0) this.#parts.push(Uint8Array.from(kept));
    this.#held += kept.length;
    this.#dropped += part.length - kept.length;
  }

  #shorten(): void {
    if (this.#held <= SAMPLE_BYTES) return;
    const sample = Uint8Array.from(Buffer.concat(this.#parts).subarray(0, SAMPLE_BYTES));
    this.#dropped += this.#held - sample.length;
    this.#held = sample.length;
    this.#parts = [sample];
  }
}
