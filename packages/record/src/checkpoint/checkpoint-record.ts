import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_SEQUENCE_NUMBER,
  ATTR_AUDIT_TARGET_ID,
  ATTR_AUDIT_TARGET_TYPE,
} from '../attributes.js';
import { canonicalRecord } from '../canonical.js';
import { CATALOGUE } from '../catalogue.js';
import { CheckpointFormatError } from '../errors.js';
import type { AuditRecord } from '../model.js';
import { sha256Hex } from '../sha256.js';
import { parseCheckpoint } from './checkpoint.js';

const EVENT = 'audit.checkpoint';
const STREAM = 'stream:';

/** A checkpoint as it is kept and shipped: with its signature, and whose it is. */
export interface CheckpointEntry {
  /** The stream of the thread that made it, whose tip is among those that it commits. */
  readonly streamId: string;
  /** Its canonical form. */
  readonly checkpoint: string;
  /** Base64. */
  readonly signature: string;
  /** See `keyIdOf`. */
  readonly keyId: string;
}

/**
 * The record that carries a checkpoint, so that it is kept and shipped as records are. It is no part of a chain, since it
 * covers the last record of one. All that it says follows from the entry, its id and time too, so that none of it can be
 * changed without that showing; its time is the checkpoint's.
 *
 * @throws {CheckpointFormatError} when `checkpoint` is not a canonical one.
 */
export function checkpointRecord({ streamId, checkpoint, signature, keyId }: CheckpointEntry): AuditRecord {
  const time = String(BigInt(Date.parse(parseCheckpoint(checkpoint).timestamp)) * 1_000_000n);
  return {
    eventName: EVENT,
    timestamp: time,
    observedTimestamp: time,
    attributes: {
      [ATTR_AUDIT_RECORD_ID]: idOf(sha256Hex([streamId, checkpoint, signature, keyId].join('\n'))),
      [ATTR_AUDIT_ACTOR_ID]: `${STREAM}${streamId}`,
      [ATTR_AUDIT_ACTOR_TYPE]: 'system',
      [ATTR_AUDIT_ACTION]: CATALOGUE[EVENT].verb,
      [ATTR_AUDIT_OUTCOME]: 'success',
      [ATTR_AUDIT_TARGET_ID]: `${STREAM}${streamId}`,
      [ATTR_AUDIT_TARGET_TYPE]: CATALOGUE[EVENT].targetType,
    },
    body: { checkpoint, key_id: keyId, signature },
  };
}

/** Whether a record is one that carries a checkpoint; a record of that name in a chain is not. */
export function isCheckpointRecord({ eventName, attributes }: AuditRecord): boolean {
  return eventName === EVENT && attributes[ATTR_AUDIT_SEQUENCE_NUMBER] === undefined;
}

/** The same of a canonical line, without taking it apart. */
export function isCheckpointLine(line: string): boolean {
  // Within a text the quotes would be escaped, and within a body or an attribute keys are texts: nothing else reads so.
  return line.includes(`,"EventName":"${EVENT}",`) && !line.includes(`"${ATTR_AUDIT_SEQUENCE_NUMBER}":{`);
}

/**
 * What a record that carries a checkpoint holds.
 *
 * @throws {CheckpointFormatError} when the record is not the one that {@link checkpointRecord} makes of it.
 */
export function checkpointEntryOf(record: AuditRecord): CheckpointEntry {
  const { checkpoint, key_id: keyId, signature } = record.body ?? {};
  const target = record.attributes[ATTR_AUDIT_TARGET_ID];
  if (typeof checkpoint !== 'string') throw new CheckpointFormatError(undefined, 'its record holds none');
  if (typeof signature !== 'string') throw new CheckpointFormatError('signature', 'is missing');
  if (typeof keyId !== 'string') throw new CheckpointFormatError('key_id', 'is missing');
  if (typeof target !== 'string' || !target.startsWith(STREAM)) {
    throw new CheckpointFormatError(ATTR_AUDIT_TARGET_ID, 'names no stream');
  }
  const entry = { streamId: target.slice(STREAM.length), checkpoint, signature, keyId };
  if (canonicalRecord(checkpointRecord(entry)) !== canonicalRecord(record)) {
    throw new CheckpointFormatError(undefined, 'its record says something else than it, or more');
  }
  return entry;
}

/** A UUID of version 4 made of a hash: the same checkpoint has the same id, whoever sends it, and however often. */
function idOf(hash: string): string {
  const variant = '89ab'[Number.parseInt(hash[16]!, 16) & 3];
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join('-');
}
