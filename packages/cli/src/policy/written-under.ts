import { StreamReader } from '@botaudit/journal';
import type { AttributeMap } from '@botaudit/record';
import type { Reading } from '../commands/reading.js';
import type { FoundRecord } from '../journal/find-record.js';

/** Lines asked of a reader at once. */
const BATCH = 256;

/** The policy that a record was written under, as its stream tells. */
export interface WrittenUnder {
  readonly hash: string;
  /** As they are on record; `undefined` where they are not, as of the built-in policy, which has none. */
  readonly rules: unknown;
}

/**
 * The policy that was in force when a record was written: that of the last `audit.policy.loaded` before it, else that of
 * its stream's first record; `undefined` where that is gone by retention.
 */
export function writtenUnder(reading: Reading, { stream, read }: FoundRecord): WrittenUnder | undefined {
  const reader = new StreamReader(stream.directory);
  let found: WrittenUnder | undefined;
  try {
    for (let lines = reader.read(BATCH); lines.length > 0; lines = reader.read(BATCH)) {
      for (const line of lines) {
        if (line.number >= read.number) return found;
        if (!tells(line.line)) continue;
        const record = reading.decode(line.line);
        if (record?.eventName === 'audit.policy.loaded' || record?.eventName === 'audit.stream.opened') {
          found = toldBy(record.body) ?? found;
        }
      }
    }
    return found;
  } finally {
    reader.close();
  }
}

function tells(line: string): boolean {
  return line.includes('"EventName":"audit.policy.loaded"') || line.includes('"EventName":"audit.stream.opened"');
}

function toldBy(body: AttributeMap | undefined): WrittenUnder | undefined {
  const hash = body?.policy_hash;
  return typeof hash === 'string' ? { hash, rules: body?.rules } : undefined;
}
