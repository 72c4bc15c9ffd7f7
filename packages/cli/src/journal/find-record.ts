import { ATTR_AUDIT_RECORD_ID, type AuditRecord } from '@botaudit/record';
import type { Reading } from '../commands/reading.js';
import { EXIT, Failure } from '../failure.js';
import { textOf } from '../text/record-line.js';
import { hasId } from './line-fields.js';
import { type Found, mergeByTime } from './merge.js';

const ID = /^[0-9a-f][0-9a-f-]{0,35}$/;

/** Ambiguous ids that are named. */
const MOST_NAMED = 5;

/** A record, and where it stands. */
export interface FoundRecord extends Found {
  readonly id: string;
  readonly record: AuditRecord;
}

/**
 * Finds a record.
 *
 * @param id its id, or the beginning of it.
 * @throws {Failure} when it is no id, when no record has it, or when ids of several begin so.
 */
export function findRecord(reading: Reading, id: string): FoundRecord {
  const prefix = id.toLowerCase();
  if (!ID.test(prefix)) throw Failure.usage(`${JSON.stringify(id)} is no record id; botaudit tail prints ids`);
  const found = findById(reading, prefix);
  if (found) return found;
  const exitCode = reading.finish(EXIT.no);
  throw new Failure(`no record's id begins with ${prefix}; botaudit search finds records by what they say`, exitCode);
}

function findById(reading: Reading, prefix: string): FoundRecord | undefined {
  let first: FoundRecord | undefined;
  const ids = new Set<string>();
  for (const found of mergeByTime(reading.streams, reading.onTrouble)) {
    if (!hasId(found.read.line, prefix)) continue;
    const record = reading.decode(found.read.line);
    if (!record) continue;
    const id = textOf(record, ATTR_AUDIT_RECORD_ID);
    if (!id.startsWith(prefix)) continue;
    first ??= { ...found, id, record };
    ids.add(id);
    if (ids.size > MOST_NAMED) break;
  }
  if (ids.size < 2) return first;
  const named = [...ids].slice(0, MOST_NAMED).join(', ');
  throw new Failure(
    `several ids begin with ${prefix}: ${named}${ids.size > MOST_NAMED ? ', …' : ''}; give more digits`,
  );
}
