import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditRecord, parseRecord } from '@botaudit/record';
import { expect } from 'vitest';

/** The records of each stream in a journal's folder; checks that every line is canonical and chained to the one before. */
export function streamsIn(directory: string): AuditRecord[][] {
  const folder = join(directory, 'streams');
  return readdirSync(folder).map((name) => recordsIn(join(folder, name)));
}

/** The records of the only stream in a journal's folder. */
export function onlyStreamIn(directory: string): AuditRecord[] {
  const streams = streamsIn(directory);
  expect(streams).toHaveLength(1);
  return streams[0] as AuditRecord[];
}

export function recordsIn(streamDirectory: string): AuditRecord[] {
  // What a full disk took no more of stands at the end of a segment, without newline.
  const lines = readdirSync(streamDirectory)
    .filter((name) => /\d\.ndjson$/.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(streamDirectory, name), 'utf8').split('\n').slice(0, -1));
  const records = lines.map(parseRecord);
  records.forEach(({ attributes }, index) => {
    expect(attributes['audit.sequence.number']).toBe(index + 1);
    const before = lines[index - 1];
    expect(attributes['audit.sequence.previous_hash']).toBe(before === undefined ? undefined : hash('sha256', before));
  });
  return records;
}

export const names = (records: readonly AuditRecord[]) => records.map(({ eventName }) => eventName);
