import { join } from 'node:path';
import { lstatSync, type Stats } from './file-system.js';
import { listNames, segmentNumber } from './layout.js';
import { type StreamEntry, streamEntry, streamIds } from './streams.js';

/** A segment as it takes room. */
export interface SegmentUsage {
  readonly segment: number;
  /** Bytes that it takes on the disk, or its length, whichever is more. */
  readonly bytes: number;
  /** Its length. */
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
  const segments: SegmentUsage[] = [];
  let total = 0;
  for (const name of namesIn(entry)) {
    const stats = lstatSync(join(entry.directory, name), { throwIfNoEntry: false });
    if (!stats) continue;
    const bytes = bytesOnDisk(stats);
    total += bytes;
    const segment = stats.isFile() ? segmentNumber(name) : undefined;
    if (segment !== undefined) segments.push({ segment, bytes, size: stats.size, modified: stats.mtimeMs });
  }
  segments.sort((a, b) => a.segment - b.segment);
  return { entry, segments: inOrder(segments), bytes: total };
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
