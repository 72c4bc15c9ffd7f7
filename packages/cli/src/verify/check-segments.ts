import { availableParallelism } from 'node:os';
import { JournalFormatError, JournalReadError, type StreamEntry, segmentEnds } from '@botaudit/journal';
import type { Check } from '../journal/check.js';
import { SegmentPool } from './segment-pool.js';
import type { SegmentTask } from './segment-protocol.js';

type StreamFolder = Pick<StreamEntry, 'streamId' | 'directory'>;

/** It takes less time to read as much as this than to start a thread. */
const WORTH_A_THREAD = 16 * 1024 * 1024;

/**
 * Takes in the records of streams in the given order; their segments are read by several threads.
 *
 * @param jobs how many; default: one for each core, where there is so much to read that it pays.
 * @throws what a thread that fails throws.
 */
export async function checkSegments(
  check: Check,
  streams: readonly StreamFolder[],
  jobs: number | undefined,
  quick: boolean,
): Promise<void> {
  // Where each ends is looked up in this very order, before any is read. So none is taken for cut off because another one,
  // which comes before it here but is read later, names what it got in between.
  const tasks = new Map(streams.map((stream) => [stream, jobs === 1 ? undefined : tasksOf(stream)]));
  const all = [...tasks.values()].flatMap((some) => some ?? []).map((task, id) => ({ ...task, id }));
  const count = jobs ?? Math.min(availableParallelism(), worth(all));
  if (count === 1) {
    for (const stream of streams) check.stream(stream);
    return;
  }
  const pool = new SegmentPool(all, count, quick);
  try {
    const byStream = Map.groupBy(all, ({ directory }) => directory);
    for (const stream of streams) {
      // One that can't be looked into is told about where it is read.
      if (!tasks.get(stream)) check.stream(stream);
      else {
        for (const task of byStream.get(stream.directory) ?? []) {
          await check.segment(task.streamId, task.segment, pool.lines(task));
        }
        check.endOfStream(stream.streamId);
      }
    }
  } finally {
    await pool.end();
  }
}

/** How many threads it pays to start. */
function worth(tasks: readonly SegmentTask[]): number {
  // Nothing says how much is in a compressed one: those of a usual size are worth one.
  const bytes = tasks.reduce((sum, { end }) => sum + Math.min(end, WORTH_A_THREAD), 0);
  return Math.max(1, Math.floor(bytes / WORTH_A_THREAD));
}

/** `undefined` where the folder can't be read, or is of a newer version. */
function tasksOf({ streamId, directory }: StreamFolder): Omit<SegmentTask, 'id'>[] | undefined {
  try {
    return [...segmentEnds(directory)].map(([segment, end]) => ({ streamId, directory, segment, end }));
  } catch (error) {
    if (error instanceof JournalFormatError || error instanceof JournalReadError) return undefined;
    throw error;
  }
}
