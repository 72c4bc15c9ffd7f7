import { MAX_RECORD_BYTES } from '../canonical.js';
import { isCheckpointRecord } from '../checkpoint/checkpoint-record.js';
import { RecordFormatError } from '../errors.js';
import type { AttributeMap, AttributeValue, AuditRecord } from '../model.js';
import { parseRecord } from '../parse.js';
import { MANDATORY, NANOSECONDS, SPAN_ID, TRACE_ID } from '../record-fields.js';
import { type Sha256, sha256Hex } from '../sha256.js';
import { type Testimony, testimony } from '../tips.js';
import { decodeUtf8 } from '../utf8.js';
import type { LinePlace } from './line-place.js';
import { type Link, linkOf } from './link.js';

/** One line, as whoever reads the files hands it over. */
export interface VerifierLine extends LinePlace {
  /** Without its newline; at least the first 256 KiB and a byte of one that is longer. */
  readonly line?: string | Uint8Array | undefined;
}

/** What a line was found to be: all that verification has to know of it. Plain data, so that threads can exchange it. */
export interface LineRead {
  /** The place in a chain of the record that it is; absent where it carries a checkpoint, or is no record. */
  readonly link?: Link | undefined;
  /** What that record says of other streams, if anything. */
  readonly testimony?: Testimony | undefined;
  /** The record, where it carries a checkpoint, or stands where checkpoints do. */
  readonly record?: AuditRecord | undefined;
  /** Why it is no record. */
  readonly reason?: string | undefined;
}

const DEFECTS = {
  'invalid-utf8': 'not UTF-8',
  'too-long': 'longer than 256 KiB',
  unreadable: 'it cannot be read',
};

/**
 * Reads lines for a verifier: by far the most of its work, and what can be done of each line for itself, in any thread.
 *
 * @param sha256 default: {@link sha256Hex}.
 * @returns what reads one line. It never throws.
 */
export function createLineReader(sha256: Sha256 = sha256Hex): (line: VerifierLine) => LineRead {
  let last: Link | undefined;
  return ({ line, defect, holds }) => {
    if (line === undefined) return { reason: DEFECTS[defect ?? 'unreadable'] };
    if (line.length > MAX_RECORD_BYTES) return { reason: DEFECTS['too-long'] };
    const text = typeof line === 'string' ? line : decodeUtf8(line);
    if (text === undefined) return { reason: DEFECTS['invalid-utf8'] };
    try {
      const record = parseRecord(text);
      if (holds === 'checkpoints' || isCheckpointRecord(record)) return { record };
      const link = linkOf(text, record, sha256, last);
      last = link;
      return { link, testimony: testimony(record) };
    } catch (error) {
      if (error instanceof RecordFormatError) return { reason: error.reason };
      throw error;
    }
  };
}

/**
 * Reads records that were made of something else than lines, such as documents, at half the cost: each is given with its
 * canonical form, which needs not be taken apart again.
 *
 * @param sha256 default: {@link sha256Hex}.
 * @returns what reads one record; `line` must be what `canonicalRecord` makes of it. It never throws.
 */
export function createRecordReader(sha256: Sha256 = sha256Hex): (line: string, record: AuditRecord) => LineRead {
  const readLine = createLineReader(sha256);
  let last: Link | undefined;
  return (line, record) => {
    // Whatever is out of the ordinary is read as a line is, which says what is wrong with it.
    if (!isOrdinary(line, record) || isCheckpointRecord(record))
      return readLine({ stream: '', line, terminated: true });
    try {
      last = linkOf(line, record, sha256, last);
      return { link: last, testimony: testimony(record) };
    } catch (error) {
      if (error instanceof RecordFormatError) return { reason: error.reason };
      throw error;
    }
  };
}

/** Whether a record of which `line` is the canonical form is certainly one that `parseRecord` makes of it. */
function isOrdinary(
  line: string,
  { eventName, timestamp, observedTimestamp, traceId, spanId, attributes, body }: AuditRecord,
): boolean {
  return (
    line.length * 3 <= MAX_RECORD_BYTES &&
    eventName !== '' &&
    NANOSECONDS.test(timestamp) &&
    NANOSECONDS.test(observedTimestamp) &&
    (traceId === undefined || TRACE_ID.test(traceId)) &&
    (spanId === undefined || SPAN_ID.test(spanId)) &&
    MANDATORY.every((name) => typeof attributes[name] === 'string' && attributes[name] !== '') &&
    isShallow(attributes, ORDINARY_DEPTH) &&
    (body === undefined || (isShallow(body, ORDINARY_DEPTH) && Object.keys(body).length > 0))
  );
}

/** Far from what is too deep. */
const ORDINARY_DEPTH = 16;

function isShallow(map: AttributeMap | AttributeValue[], depth: number): boolean {
  if (depth === 0) return false;
  for (const value of Object.values(map)) {
    if (typeof value === 'object' && !isShallow(value, depth - 1)) return false;
  }
  return true;
}
