import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, parseRecord } from '@botaudit/record';

/** Where it is recorded what this user reads of a journal. */
export function accessFolderOf(journal: string): string {
  return join(journal, 'access', userInfo().username);
}

/** The records of all streams in a folder, by time; none where there is no such folder. */
export function recordsIn(folder: string): AuditRecord[] {
  const streams = join(folder, 'streams');
  if (!existsSync(streams)) return [];
  return readdirSync(streams)
    .map((id) => join(streams, id, '00000001.ndjson'))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
    .map((line) => parseRecord(line))
    .sort((a, b) => Number(BigInt(a.observedTimestamp) - BigInt(b.observedTimestamp)));
}

/** What was recorded of readers, and of claims let go of: not what a stream says of itself. */
export function accessesIn(folder: string): AuditRecord[] {
  return recordsIn(folder).filter(({ eventName }) => /^audit\.(?:log|claim)\./.test(eventName));
}
