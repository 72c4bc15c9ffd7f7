import { utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  cursorAfter,
  enforceLimits,
  journalBytes,
  type RetentionOptions,
  saveCursor,
  segmentName,
} from '../src/index.js';
import { openWriter, readAll, SampleChain } from './sample.js';

export const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-24T00:00:00Z');
export const BLOCK = 4096;

/**
 * A stream of segments that hold one record of about 3 kB each, so one block.
 *
 * @param days how old each segment is.
 */
export function agedStream(
  directory: string,
  days: readonly number[],
  { live = false, acknowledged = 0 } = {},
): string {
  const writer = openWriter(directory, { segmentMaxBytes: 1 });
  const chain = new SampleChain(basename(writer.streamDirectory));
  for (const [index, age] of days.entries()) {
    writer.append(chain.next({ 'bot.text': 'x'.repeat(2500) }));
    const time = (NOW - age * DAY_MS) / 1000;
    utimesSync(join(writer.streamDirectory, segmentName(index + 1)), time, time);
  }
  if (!live) writer.close();
  const last = readAll(writer.streamDirectory)[acknowledged - 1];
  if (last) saveCursor(writer.streamDirectory, cursorAfter(last));
  return writer.streamDirectory;
}

/** Removes what takes more than `blocks` less than everything takes now. */
export function shrinkBy(directory: string, blocks: number, options: RetentionOptions = {}) {
  const maxBytes = journalBytes(directory) - blocks * BLOCK;
  return enforceLimits(directory, { maxBytes, minFreeBytes: 0 }, { now: NOW, ...options });
}
