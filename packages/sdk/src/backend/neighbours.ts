import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listStreams, liveness, readTip, type StreamEntry } from '@botaudit/journal';
import type { StreamTip } from '@botaudit/record';

/** Remembers which ended streams an opening record has named, so that each start need not name all of them again. */
const FILE = 'named.json';

/** So many fit into a record; those that are left over are named by the next stream. */
const MAX_ENDED = 400;
const MAX_LIVE = 200;

/** The other streams of a journal's folder, at their last record. */
export interface Neighbours {
  /** Whose writer is gone, and which no opening record has named since. */
  readonly ended: readonly StreamTip[];
  /** Which are being written. */
  readonly live: readonly StreamTip[];
}

/** Finds the streams that the opening record of `own` has to name. Never throws. */
export function findNeighbours(directory: string, own: string): Neighbours {
  const named = readNamed(directory);
  const ended: StreamTip[] = [];
  const live: StreamTip[] = [];
  for (const entry of streamsOf(directory)) {
    if (entry.streamId === own || named.has(entry.streamId)) continue;
    const tip = tipOf(entry);
    if (!tip) continue;
    if (liveness(entry.directory) !== 'dead') {
      if (live.length < MAX_LIVE) live.push(tip);
    } else if (ended.length < MAX_ENDED) ended.push(tip);
  }
  return { ended, live };
}

/**
 * To be called after the record that names them was appended: named twice is better than never. A failure costs no more
 * than that. Never throws.
 */
export function rememberNamed(directory: string, { ended }: Neighbours): void {
  if (ended.length === 0) return;
  const there = new Set(streamsOf(directory).map(({ streamId }) => streamId));
  const named = [...readNamed(directory)].filter((streamId) => there.has(streamId));
  try {
    const temporary = join(directory, `${FILE}.tmp`);
    const text = JSON.stringify({ formatVersion: 1, streams: [...named, ...ended.map(({ streamId }) => streamId)] });
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, join(directory, FILE));
  } catch {
    // A full disk, or another process that renamed the same file: they are named once more.
  }
}

function readNamed(directory: string): Set<string> {
  try {
    const { streams } = JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as { streams?: unknown };
    return new Set(Array.isArray(streams) ? streams.filter((each) => typeof each === 'string') : []);
  } catch {
    // None yet, or damaged: then all are named again.
    return new Set();
  }
}

function streamsOf(directory: string): StreamEntry[] {
  try {
    return listStreams(directory);
  } catch {
    // What can't be listed now is found by the next start, or by verification.
    return [];
  }
}

function tipOf({ streamId, directory }: StreamEntry): StreamTip | undefined {
  try {
    const tip = readTip(directory);
    return tip && { streamId, number: tip.number, hash: tip.hash };
  } catch {
    // A stream that can't be read has no tip that could be stated.
    return undefined;
  }
}
