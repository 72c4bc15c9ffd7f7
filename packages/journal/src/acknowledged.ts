import { archivedThrough } from './archived.js';
import { loadCursor } from './cursor.js';
import { readTail } from './tail.js';
import type { SegmentUsage, StreamUsage } from './usage.js';

/** Whose word it is that a segment is in safe hands: the receiver's that records are shipped to, or the archive's. */
export type AcknowledgedBy = 'receiver' | 'archive';

/** Tells which segments of a stream are acknowledged whole. What can't be read is not known to be. */
export function acknowledgedPart(
  { entry: { directory } }: StreamUsage,
  by: AcknowledgedBy,
): (usage: SegmentUsage) => boolean {
  try {
    return by === 'archive' ? archivedPart(directory) : receivedPart(directory);
  } catch {
    return () => false;
  }
}

function archivedPart(directory: string): (usage: SegmentUsage) => boolean {
  const through = archivedThrough(directory);
  return ({ segment }) => segment <= through;
}

function receivedPart(directory: string): (usage: SegmentUsage) => boolean {
  const cursor = loadCursor(directory);
  if (!cursor) return () => false;
  // Torn bytes at its end are acknowledged by nobody, and are no records.
  const whole = readTail(directory, cursor.segment)?.wholeBytes;
  return ({ segment }) =>
    segment < cursor.segment || (segment === cursor.segment && whole !== undefined && cursor.offset >= whole);
}
