import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { liveness, readTip } from '@botaudit/journal';
import type { StreamTip } from '@botaudit/record';

/** Remembers which streams need no more looking at, so that a start does not take longer with each run before it. */
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
  /** Whether one of those that ended was not closed, and nobody has reported it yet. */
  readonly unrecovered: boolean;
  /** Ids to be remembered once an opening record names those that ended. */
  readonly settled: readonly string[];
}

const NONE: Neighbours = { ended: [], live: [], unrecovered: false, settled: [] };

/**
 * Looks at the streams beside `own`. Never throws: what can't be read now is found by the next start, or by verification.
 *
 * @param directory the journal's folder; `undefined` where there is none.
 */
export function findNeighbours(directory: string | undefined, own: string): Neighbours {
  if (directory === undefined) return NONE;
  const present = streamIds(directory);
  const named = readNamed(directory);
  const settled = present.filter((streamId) => named.has(streamId));
  const ended: StreamTip[] = [];
  const live: StreamTip[] = [];
  let unrecovered = false;
  for (const streamId of present) {
    if (streamId === own || named.has(streamId)) continue;
    const folder = join(directory, 'streams', streamId);
    const tip = tipOf(folder);
    if (!tip) continue;
    const { number, hash, closed } = tip;
    if (liveness(folder) !== 'dead') {
      if (live.length < MAX_LIVE) live.push({ streamId, number, hash });
    } else if (ended.length < MAX_ENDED) {
      ended.push({ streamId, number, hash });
      if (closed || existsSync(join(folder, 'recovered.json'))) settled.push(streamId);
      else unrecovered = true;
    }
  }
  return { ended, live, unrecovered, settled };
}

/**
 * To be called after the record that names them was appended: named twice is better than never. A failure costs no more
 * than that. Never throws.
 */
export function rememberNamed(directory: string, { settled }: Neighbours): void {
  if (settled.length === 0) return;
  try {
    const temporary = join(directory, `${FILE}.tmp`);
    writeFileSync(temporary, JSON.stringify({ formatVersion: 1, streams: settled }), { mode: 0o600 });
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

/** Names alone: to read what each stream says of itself takes longer, and most are known already. */
function streamIds(directory: string): string[] {
  try {
    const entries = readdirSync(join(directory, 'streams'), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function tipOf(streamDirectory: string): ReturnType<typeof readTip> {
  try {
    return readTip(streamDirectory);
  } catch {
    // A stream that can't be read has no tip that could be stated.
    return undefined;
  }
}
