import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  listSegments,
  type ReadFrom,
  type ReadLine,
  type StreamEntry,
  StreamReader,
  segmentName,
} from '@botaudit/journal';
import { decodeRecord } from '@botaudit/record';
import { compareDecimal } from '../text/time.js';
import { observedTime } from './line-fields.js';
import type { OnTrouble } from './merge.js';

const SMALLEST_WINDOW = 64 * 1024;
/** More than a usual record takes, so that the first window is seldom too small. */
const BYTES_PER_RECORD = 2048;
const BATCH = 256;

/** Where a record stands: what is kept of it, so that memory does not grow with the size of records. */
export interface Place {
  readonly stream: StreamEntry;
  readonly from: ReadFrom;
  readonly time: string;
}

/** The last records of several streams. */
export interface LastRecords {
  /** By time, the oldest first. */
  readonly places: readonly Place[];
  /** Where each stream goes on after what was read; it is absent where it holds no record yet. */
  readonly ends: ReadonlyMap<StreamEntry, ReadFrom>;
}

/**
 * Finds the last `count` records of all streams together, reading each stream from its end: the time this takes does not
 * grow with the length of the streams.
 */
export function lastRecords(streams: readonly StreamEntry[], count: number, onTrouble: OnTrouble): LastRecords {
  let places: Place[] = [];
  const ends = new Map<StreamEntry, ReadFrom>();
  for (const stream of streams) {
    try {
      // At least one, to learn where the stream ends.
      const last = lastOfStream(stream, Math.max(1, count));
      const end = last.at(-1)?.end;
      if (end) ends.set(stream, end);
      const oldest = places.length === count ? places[0] : undefined;
      const newer = last.filter(({ place }) => !oldest || compareDecimal(place.time, oldest.time) > 0);
      if (count === 0 || newer.length === 0) continue;
      places.push(...newer.map(({ place }) => place));
      places.sort((a, b) => compareDecimal(a.time, b.time));
      places = places.slice(-count);
    } catch (error) {
      onTrouble(stream, error as Error);
    }
  }
  return { places, ends };
}

/** The record at `place`; `undefined` when it was removed since. */
export function recordAt({ stream, from }: Place): ReadLine | undefined {
  const reader = new StreamReader(stream.directory, { from });
  try {
    const [read] = reader.read(1);
    return read?.segment === from.segment && read.offset === from.offset ? read : undefined;
  } finally {
    reader.close();
  }
}

interface Placed {
  readonly place: Place;
  readonly end: ReadFrom;
}

function lastOfStream(stream: StreamEntry, count: number): Placed[] {
  let found: Placed[] = [];
  for (const segment of listSegments(stream.directory).reverse()) {
    const missing = count - found.length;
    if (missing <= 0) break;
    found = [...lastOfSegment(stream, segment, missing, found.length === 0), ...found];
  }
  return found;
}

/** @param andAfter whether segments that have come up meanwhile belong to it. */
function lastOfSegment(stream: StreamEntry, segment: number, count: number, andAfter: boolean): Placed[] {
  const size = statSync(join(stream.directory, segmentName(segment)), { throwIfNoEntry: false })?.size ?? 0;
  for (let window = Math.max(SMALLEST_WINDOW, count * BYTES_PER_RECORD); ; window *= 4) {
    const offset = Math.max(0, size - window);
    const found = readFrom(stream, { segment, offset }, count, andAfter);
    if (found.length >= count || offset === 0) return found;
  }
}

function readFrom(stream: StreamEntry, from: ReadFrom, count: number, andAfter: boolean): Placed[] {
  const reader = new StreamReader(stream.directory, { from });
  let found: Placed[] = [];
  let time = '0';
  try {
    for (;;) {
      const batch = reader.read(BATCH);
      for (const { line, segment, offset, endOffset } of batch) {
        if (segment !== from.segment && !andAfter) return found.slice(-count);
        // Where reading began within a line, its rest can look like a record.
        if (offset === from.offset && offset > 0 && !isRecord(line)) continue;
        time = observedTime(line) ?? time;
        found.push({ place: { stream, from: { segment, offset }, time }, end: { segment, offset: endOffset } });
      }
      if (found.length > 2 * count + BATCH) found = found.slice(-count);
      if (batch.length === 0) return found.slice(-count);
    }
  } finally {
    reader.close();
  }
}

function isRecord(line: string): boolean {
  try {
    decodeRecord(line);
    return true;
  } catch {
    // The end of a longer line.
    return false;
  }
}
