import { hash } from 'node:crypto';
import { readRaw } from './raw.js';
import { endsStream, sequenceNumber, stageOf } from './record-fields.js';
import { drain } from './steps.js';
import type { StreamEntry } from './streams.js';

const STEP_BYTES = 1024 * 1024;

/** More open attempts than this are counted only: a record that names them has to stay small. */
const MAX_OPEN_ATTEMPTS = 1000;

/** What a stream whose writer is gone holds: the content of `audit.stream.recovered`. */
export interface Recovery {
  readonly streamId: string;
  /** Records on whole lines. */
  readonly records: number;
  /** The last of them; absent when there is none. */
  readonly tip?: { readonly number: number; readonly hash: string } | undefined;
  /** Whether the stream was closed gracefully. */
  readonly closed: boolean;
  /** Bytes that are on no whole line: what was being written when the writer died or the disk was full. */
  readonly tornBytes: number;
  /** Whole lines, and files, that are no records. */
  readonly damagedLines: number;
  /**
   * Record ids of attempts (`bot.action.stage`) without an outcome, oldest first: nobody knows whether the action was
   * carried out. At most 1,000; `openAttemptCount` counts all.
   */
  readonly openAttempts: readonly string[];
  readonly openAttemptCount: number;
}

/**
 * Reads a stream to its end and says what it holds. Never writes.
 *
 * @throws {JournalFormatError} when the stream is of a newer format version.
 * @throws {JournalReadError} when its folder can't be read.
 */
export function recoverStream(entry: Pick<StreamEntry, 'streamId' | 'directory'>): Recovery {
  return drain(recoverySteps(entry));
}

/** {@link recoverStream} in steps of about 1 MiB, for a thread that has other things to do in between. */
export function* recoverySteps({
  streamId,
  directory,
}: Pick<StreamEntry, 'streamId' | 'directory'>): Generator<void, Recovery, undefined> {
  const open = new OpenAttempts();
  let records = 0;
  let tornBytes = 0;
  let damagedLines = 0;
  let last: { line: string; number: number } | undefined;
  let bytes = 0;
  for (const { text, terminated, offset, endOffset, defect } of readRaw(directory)) {
    bytes += endOffset - offset;
    if (bytes >= STEP_BYTES) {
      bytes = 0;
      yield;
    }
    const number = text === undefined ? undefined : sequenceNumber(text);
    if (!terminated && defect !== 'unreadable') tornBytes += endOffset - offset;
    else if (text === undefined || number === undefined) damagedLines++;
    else {
      records++;
      last = { line: text, number };
      open.see(text);
    }
  }
  return {
    streamId,
    records,
    tip: last && { number: last.number, hash: hash('sha256', last.line) },
    closed: last !== undefined && endsStream(last.line),
    tornBytes,
    damagedLines,
    openAttempts: open.ids(),
    openAttemptCount: open.count,
  };
}

/** Attempts whose outcome was not seen. Memory grows with those that are open at one time, not with the stream. */
class OpenAttempts {
  readonly #ids = new Set<string>();

  get count(): number {
    return this.#ids.size;
  }

  see(line: string): void {
    const stage = stageOf(line);
    if (!stage) return;
    if (stage.stage === 'attempt') this.#ids.add(stage.attemptId);
    else this.#ids.delete(stage.attemptId);
  }

  ids(): string[] {
    return [...this.#ids].slice(0, MAX_OPEN_ATTEMPTS);
  }
}
