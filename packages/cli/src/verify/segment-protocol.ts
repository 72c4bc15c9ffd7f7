import type { PackedLines } from './packed-lines.js';

/** A segment to read. */
export interface SegmentTask {
  readonly id: number;
  readonly streamId: string;
  /** Of the stream. */
  readonly directory: string;
  readonly segment: number;
  /** Where it ended when the journal was looked at. */
  readonly end: number;
}

/** Lines of a segment, in order. */
export interface SegmentBatch {
  /** Its id. */
  readonly task: number;
  readonly lines: PackedLines;
  readonly isLast: boolean;
}

/** With what a thread starts. */
export interface WorkerInput {
  readonly chainOnly: boolean;
  /** One number: how many batches it may send before some are taken in. */
  readonly credits: SharedArrayBuffer;
}

/** Lines in a batch. */
export const LINES_AT_ONCE = 512;

/** Batches of one thread that may wait to be taken in: those of a segment of the default size or two, in a few MB. */
export const CREDITS = 64;
