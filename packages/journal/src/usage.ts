import { join } from 'node:path';
import { lstatSync, type Stats } from './file-system.js';
import { listNames, segmentNumber } from './layout.js';
import { type StreamEntry, streamEntry, streamIds } from './streams.js';

/** A segment as it takes room. */
export interface SegmentUsage {
  readonly segment: number;
  /** Names of its files: one, but for the moment in which it is being compressed. */
  readonly names: readonly string[];
  /** Bytes that it takes on the disk, or its length, whichever is more. */
  readonly bytes: number;
  /** Length of its files. */
  readonly size: number;
  /** When it was last written to, ms since the epoch, and never before the segment that precedes it. */
  readonly modified: number;
}

/** A stream as it takes room. */
export interface StreamUsage {
  readonly entry: StreamEntry;
  readonly segments: readonly SegmentUsage[];
  /** Bytes of all files. */
  readonly bytes: number;
}

/**
 * Bytes that a journal's streams take on the disk: `audit_journal_bytes`.
 *
 * @throws {JournalReadError} when the folder can't be read; one that is not there takes none.
 */
export function journalBytes(directory: string): number {
  return streamIds(directory).reduce((sum, streamId) => sum + (usageOf(directory, streamId)?.bytes ?? 0), 0);
}

/** What a stream takes; `undefined` when there is none of this name. */
export function usageOf(directory: string, streamId: string): StreamUsage | undefined {
  const entry = streamEntry(directory, streamId);
  if (!entry) return undefined;
  const segments = new Map<number, SegmentUsage>();
  let total = 0;
  for (const name of namesIn(entry)) {
    const stats = lstatSync(join(entry.directory, name), { throwIfNoEntry: false });
    if (!stats) continue;
    const bytes = bytesOnDisk(stats);
    total += bytes;
    const segment = stats.isFile() ? segmentNumber(name) : undefined;
    if (segment === undefined) continue;
    const other = segments.get(segment);
    segments.set(segment, {
      segment,
      names: [...(other?.names ?? []), name],
      bytes: bytes + (other?.bytes ?? 0),
      size: stats.size + (other?.size ?? 0),
      modified: Math.max(stats.mtimeMs, other?.modified ?? 0),
    });
  }
  const ascending = [...segments.values()].sort((a, b) => a.segment - b.segment);
  return { entry, segments: inOrder(ascending), bytes: total };
}

/** A folder that can't be read takes what can't be told. */
function namesIn({ directory }: StreamEntry): string[] {
  try {
    return listNames(directory);
  } catch {
    return [];
  }
}

/** Small files take a whole block; a compressing file system may count none. */
function bytesOnDisk({ size, blocks }: Stats): number {
  return Math.max(size, blocks * 512);
}

/** A clock that was set back, or a copy, must not make a later segment the older one: a stream goes from its front. */
function inOrder(segments: readonly SegmentUsage[]): SegmentUsage[] {
  let latest = 0;
  return segments.map((usage) => {
    latest = Math.max(latest, usage.modified);
    return { ...usage, modified: latest };
  });
}
