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

/**
 * What reads lines for a verifier as far as the chain needs it, at a fraction of the cost: the number, the hash of the
 * bytes, and the one that the record before has to have. That a line is a canonical record, or even JSON, and that no two
 * records share an id, is not looked at; only the few records with which the journal speaks of itself are read in full,
 * since they say which streams there are, and what went by right.
 */
export function createChainReader(): (line: VerifierLine) => LineRead {
  const readInFull = createLineReader((text) => hash('sha256', text));
  const places = new Places();
  return (place) => {
    const { line, defect, holds, terminated } = place;
    // What may have been cut off is looked at closely: one line of a segment at most.
    if (line === undefined || holds === 'checkpoints' || !terminated) return readInFull(place);
    if (line.length > MAX_RECORD_BYTES) return readInFull({ ...place, line: undefined, defect: defect ?? 'too-long' });
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    const text = latin1(bytes);
    if (places.isOwn(text)) return readInFull(place);
    const link = places.linkOf(text, hash('sha256', bytes));
    return typeof link === 'string' ? { reason: link } : { link };
  };
}

/** Finds where in a line things stand; first where they stood in the line before, since lines are much alike. */
class Places {
  #number = 0;
  /** From the end. */
  #event = 0;
  #streamId = '';

  isOwn(text: string): boolean {
    let at = text.length - this.#event;
    if (!text.startsWith(EVENT, at)) {
      at = text.lastIndexOf(EVENT);
      this.#event = text.length - at;
    }
    return text.startsWith(OWN_EVENT, at);
  }

  /** The place that a line says to have; or what it lacks. */
  linkOf(text: string, hash: string): Link | string {
    let at = this.#number;
    if (!text.startsWith(NUMBER, at)) {
      at = text.indexOf(NUMBER);
      if (at < 0) return 'audit.sequence.number is not where a record has it';
      this.#number = at;
    }
    const end = text.startsWith(END, at - END.length);
    at += NUMBER.length;
    let number = 0;
    const digits = at;
    for (; ; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    if (number < 1 || at - digits > MAX_DIGITS) return 'audit.sequence.number is not a whole number from 1';
    let previous: string | undefined;
    if (text.startsWith(PREVIOUS, at)) {
      at += PREVIOUS.length;
      previous = text.slice(at, at + HASH_LENGTH);
      at += HASH_LENGTH + 1;
    }
    at += 2;
    const streamId = this.#streamIdAt(text, at);
    if (streamId === undefined) return 'audit.sequence.stream_id names no stream';
    return { streamId, recordId: '', number, hash, previous, end };
  }

  #streamIdAt(text: string, at: number): string | undefined {
    if (!text.startsWith(STREAM, at)) return undefined;
    const from = at + STREAM.length;
    const known = this.#streamId;
    if (known !== '' && text.startsWith(known, from) && text[from + known.length] === '"') return known;
    const to = text.indexOf('"', from);
    if (to <= from || to - from > MAX_STREAM_ID) return undefined;
    this.#streamId = Buffer.from(text.slice(from, to), 'latin1').toString('utf8');
    return this.#streamId;
  }
}

/** One character for each byte, so that places in the text are places in the line. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
