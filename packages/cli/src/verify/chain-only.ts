import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import {
  ATTR_AUDIT_SEQUENCE_END,
  ATTR_AUDIT_SEQUENCE_NUMBER,
  ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH,
  ATTR_AUDIT_SEQUENCE_STREAM_ID,
  createLineReader,
  type LineRead,
  type Link,
  MAX_RECORD_BYTES,
  type VerifierLine,
} from '@botaudit/record';

/*
 * In a canonical line these stand once, one after the other: within a text their quotes would be escaped, and in a body
 * keys are texts themselves.
 */
const END = `"${ATTR_AUDIT_SEQUENCE_END}":{"boolValue":true},`;
const NUMBER = `"${ATTR_AUDIT_SEQUENCE_NUMBER}":{"intValue":`;
const PREVIOUS = `},"${ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH}":{"stringValue":"`;
const STREAM = `"${ATTR_AUDIT_SEQUENCE_STREAM_ID}":{"stringValue":"`;
const EVENT = ',"EventName":"';
/** Records with which the journal speaks of itself. */
const OWN_EVENT = `${EVENT}audit.`;

const HASH_LENGTH = 64;
const MAX_STREAM_ID = 128;
/** Numbers of so many digits are exact. */
const MAX_DIGITS = 15;
const ZERO = 48;
const NEWLINE = 10;
/** Texts are made of so many bytes: larger ones are kept where it costs more to make and to collect them. */
const BYTES_AT_ONCE = 16 * 1024;

/** Takes in the place of a record, if it is one that just goes on with its stream. */
export type Follow = (number: number, previous: string | undefined, hash: string) => boolean;

/**
 * Reads lines for a verifier as far as the chain needs it, at a fraction of the cost: the number, the hash of the bytes, and
 * the one that the record before has to have. That a line is a canonical record, or even JSON, and that no two records
 * share an id, is not looked at; only the few records with which the journal speaks of itself are read in full, since they
 * say which streams there are, and what went by right.
 *
 * Where things stand in a line is looked for first where they stood in the line before, since lines are much alike.
 */
export class ChainReader {
  readonly #readInFull = createLineReader((text) => hash('sha256', text));
  /** Where the number stood, from the line's beginning. */
  #numberAt = 0;
  /** Where the event's name stood, from the line's end. */
  #eventAt = 0;
  /** Of the line looked at last. */
  #streamId = '';
  #number = 0;
  #previous: string | undefined;
  #end = false;

  read(place: VerifierLine): LineRead {
    const { line, defect, holds, terminated } = place;
    // What may have been cut off is looked at closely: one line of a segment at most.
    if (line === undefined || holds === 'checkpoints' || !terminated) return this.#readInFull(place);
    if (line.length > MAX_RECORD_BYTES)
      return this.#readInFull({ ...place, line: undefined, defect: defect ?? 'too-long' });
    const bytes = bufferOf(typeof line === 'string' ? Buffer.from(line) : line);
    const text = bytes.toString('latin1');
    return this.#readOne(place.stream, bytes, text, 0, text.length);
  }

  /**
   * Reads whole lines of a stream's segment, each with its newline.
   *
   * @param take takes in what `follow` does not.
   */
  readBlock(stream: string, block: Uint8Array, follow: Follow, take: (read: LineRead) => void): void {
    const bytes = bufferOf(block);
    for (let from = 0; from < bytes.length; ) {
      const lastEnd = bytes.lastIndexOf(NEWLINE, from + BYTES_AT_ONCE);
      const to = 1 + (lastEnd >= from ? lastEnd : bytes.indexOf(NEWLINE, from));
      this.#readLines(stream, bytes.subarray(from, to), follow, take);
      from = to;
    }
  }

  #readLines(stream: string, bytes: Buffer, follow: Follow, take: (read: LineRead) => void): void {
    // One character for each byte, so that places in the text are places in the block.
    const text = bytes.toString('latin1');
    for (let from = 0; from < bytes.length; ) {
      const to = bytes.indexOf(NEWLINE, from);
      if (this.#isOwn(text, from, to) || this.#locate(text, from, to) !== undefined || this.#streamId !== stream) {
        take(this.#readOne(stream, bytes, text, from, to));
      } else {
        const digest = hash('sha256', bytes.subarray(from, to));
        if (this.#end || !follow(this.#number, this.#previous, digest)) take({ link: this.#link(digest) });
      }
      from = to + 1;
    }
  }

  #readOne(stream: string, bytes: Buffer, text: string, from: number, to: number): LineRead {
    const line = bytes.subarray(from, to);
    if (this.#isOwn(text, from, to)) return this.#readInFull({ stream, holds: 'records', line, terminated: true });
    const reason = this.#locate(text, from, to);
    return reason === undefined ? { link: this.#link(hash('sha256', line)) } : { reason };
  }

  #link(digest: string): Link {
    const [streamId, number, previous, end] = [this.#streamId, this.#number, this.#previous, this.#end];
    return { streamId, recordId: '', number, hash: digest, previous, end };
  }

  /** Whether the journal speaks of itself in a line. */
  #isOwn(text: string, from: number, to: number): boolean {
    let at = to - this.#eventAt;
    if (at < from || !text.startsWith(EVENT, at)) {
      at = text.lastIndexOf(EVENT, to - EVENT.length);
      if (at < from) return false;
      this.#eventAt = to - at;
    }
    return text.startsWith(OWN_EVENT, at);
  }

  /** Finds the place that a line says to have. Returns what it lacks, if anything. */
  #locate(text: string, from: number, to: number): string | undefined {
    let at = from + this.#numberAt;
    if (!text.startsWith(NUMBER, at)) {
      at = text.indexOf(NUMBER, from);
      if (at < 0 || at >= to) return 'audit.sequence.number is not where a record has it';
      this.#numberAt = at - from;
    }
    this.#end = at - END.length >= from && text.startsWith(END, at - END.length);
    at += NUMBER.length;
    const digits = at;
    let number = 0;
    for (; ; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    if (number < 1 || at - digits > MAX_DIGITS) return 'audit.sequence.number is not a whole number from 1';
    this.#number = number;
    this.#previous = undefined;
    if (text.startsWith(PREVIOUS, at)) {
      at += PREVIOUS.length;
      this.#previous = text.slice(at, at + HASH_LENGTH);
      at += HASH_LENGTH + 1;
    }
    // Behind the brace and the comma that close what comes before.
    return this.#findStreamId(text, at + 2, to) ? undefined : 'audit.sequence.stream_id names no stream';
  }

  #findStreamId(text: string, at: number, end: number): boolean {
    if (!text.startsWith(STREAM, at)) return false;
    const from = at + STREAM.length;
    const known = this.#streamId;
    if (known !== '' && text.startsWith(known, from) && text[from + known.length] === '"') return true;
    const to = text.indexOf('"', from);
    if (to <= from || to - from > MAX_STREAM_ID || to >= end) return false;
    this.#streamId = Buffer.from(text.slice(from, to), 'latin1').toString('utf8');
    return true;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
