import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  checkpointEntryOf,
  createVerifier,
  parseCheckpoint,
  parseRecord,
  type Report,
} from '@botaudit/record';

/** Lines of a stream's file of checkpoints. */
export function checkpointLines(streamDirectory: string): string[] {
  try {
    return readFileSync(join(streamDirectory, 'checkpoints.ndjson'), 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

/** The checkpoints of a stream. */
export function checkpointsIn(streamDirectory: string): Checkpoint[] {
  return checkpointLines(streamDirectory).map((line) =>
    parseCheckpoint(checkpointEntryOf(parseRecord(line)).checkpoint),
  );
}

/** Verifies a journal whose streams came one after the other, given from the newest to the oldest. */
export function verifySigned(directory: string, publicKey: string, streamIds = streamsOf(directory)): Report {
  const verifier = createVerifier({ sha256: (text) => hash('sha256', text), publicKey });
  for (const holds of ['checkpoints', 'records'] as const) {
    for (const stream of streamIds) {
      const folder = join(directory, 'streams', stream);
      const lines = holds === 'checkpoints' ? checkpointLines(folder) : recordLines(folder);
      for (const line of lines) verifier.push({ stream, exclusive: true, holds, line, terminated: true });
      verifier.endOfStream(stream);
    }
  }
  return verifier.finish();
}

export const streamsOf = (directory: string): string[] => readdirSync(join(directory, 'streams'));

function recordLines(folder: string): string[] {
  const segments = readdirSync(folder).filter((name) => /^\d+\.ndjson$/.test(name));
  return segments.sort().flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
}
