import {
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_SEQUENCE_END,
  ATTR_AUDIT_SEQUENCE_NUMBER,
  ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH,
  ATTR_AUDIT_SEQUENCE_STREAM_ID,
} from '../attributes.js';
import { RecordFormatError } from '../errors.js';
import type { AuditRecord } from '../model.js';
import type { Sha256 } from '../sha256.js';

/** The place in a chain after which a record may come. */
export interface Tip {
  /** 0 before the first record. */
  readonly number: number;
  /** `undefined` before the first record. */
  readonly hash: string | undefined;
}

/** A record as its chain sees it. */
export interface Link extends Tip {
  readonly streamId: string;
  readonly recordId: string;
  readonly hash: string;
  readonly previous: string | undefined;
  /** Whether it says that nothing follows it. */
  readonly end: boolean;
}

const HASH = /^[0-9a-f]{64}$/;

/** Longest stream id that is taken for one, in UTF-16 units; ours have 36. */
const MAX_STREAM_ID = 128;

/**
 * A record's place in its chain.
 *
 * @param last the link of the line before, which it may well follow: texts that it shares with that one are not looked at
 * again, nor kept as parts of the line.
 * @throws {RecordFormatError} when its `audit.sequence.*` attributes do not say it.
 */
export function linkOf(line: string, { attributes }: AuditRecord, sha256: Sha256, last?: Link): Link {
  const streamId = attributes[ATTR_AUDIT_SEQUENCE_STREAM_ID];
  const number = attributes[ATTR_AUDIT_SEQUENCE_NUMBER];
  const previous = attributes[ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH];
  const end = attributes[ATTR_AUDIT_SEQUENCE_END];
  if (typeof streamId !== 'string' || streamId === '' || streamId.length > MAX_STREAM_ID) {
    throw new RecordFormatError('audit.sequence.stream_id names no stream');
  }
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) {
    throw new RecordFormatError('audit.sequence.number is not a whole number from 1');
  }
  if (previous !== undefined && previous !== last?.hash && (typeof previous !== 'string' || !HASH.test(previous))) {
    throw new RecordFormatError('audit.sequence.previous_hash is not a SHA-256 in lower-case hex');
  }
  if (end !== undefined && typeof end !== 'boolean') throw new RecordFormatError('audit.sequence.end is not a boolean');
  const recordId = attributes[ATTR_AUDIT_RECORD_ID] as string;
  return {
    streamId: streamId === last?.streamId ? last.streamId : streamId,
    recordId,
    number,
    hash: sha256(line),
    previous: previous === last?.hash ? last?.hash : previous,
    end: end === true,
  };
}

/** Whether `link` is the record that comes next after `tip`. */
export function follows(tip: Tip, link: Link): boolean {
  return link.number === tip.number + 1 && link.previous === tip.hash;
}
