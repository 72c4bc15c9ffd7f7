import { join } from 'node:path';
import type { Access } from './access.js';
import { unacknowledgedCheckpoints } from './checkpoint-file.js';
import { loadCursor } from './cursor.js';
import { JournalFormatError, JournalReadError, JournalWriteError } from './errors.js';
import { FileLock } from './file-lock.js';
import { ADOPT_LOCK_FILE, RECOVERED_FILE } from './layout.js';
import { readSmallFile, replaceFile } from './small-file.js';
import { parseObject } from './stream-info.js';
import { lastWrite, listStreams, liveness, type StreamEntry } from './streams.js';
import { readTip } from './tip.js';

/**
 * Where nothing locks, a stream counts as left when nothing was written to it for this long: a living one has a
 * heartbeat every 5 minutes. To be wrong costs duplicates.
 */
const LEFT_AFTER_MS = 60 * 60 * 1000;

/** A stream that its writer left, and in which something remains to be done. */
export interface AdoptableStream extends StreamEntry {
  /** Records, or checkpoints, are there that no receiver acknowledged. */
  readonly unacknowledged: boolean;
  /** It was not closed, and no `audit.stream.recovered` tells of it yet. */
  readonly unrecovered: boolean;
}

/**
 * Streams of a journal's folder whose writer is gone, and which are not acknowledged to their end, or were not closed
 * and are not recovered yet. Streams of a newer format version are left to those who know it.
 *
 * @param passedOver gets each stream that can't be read now, or is of a newer version, and why.
 * @throws {JournalReadError} when the folder can't be read.
 */
export function adoptable(
  directory: string,
  passedOver: (streamId: string, problem: Error) => void = () => {},
): AdoptableStream[] {
  const found: AdoptableStream[] = [];
  for (const entry of listStreams(directory)) {
    const { streamId, segments, problem } = entry;
    if (problem && (problem instanceof JournalReadError || !isKnown(entry))) passedOver(streamId, problem);
    if (segments.length === 0 || !isKnown(entry)) continue;
    try {
      const state = whatRemains(entry);
      if ((state.unacknowledged || state.unrecovered) && isLeft(entry)) found.push({ ...entry, ...state });
    } catch (error) {
      passedOver(streamId, error as Error);
    }
  }
  return found;
}

/** The right to ship a stream that its writer left, for as long as it is held. */
export class Adoption {
  readonly streamDirectory: string;
  /** Whether nobody else can adopt the stream meanwhile; `false` where nothing locks. */
  readonly exclusive: boolean;
  readonly #lock: FileLock | undefined;

  private constructor(streamDirectory: string, lock: FileLock | undefined) {
    this.streamDirectory = streamDirectory;
    this.#lock = lock;
    this.exclusive = lock !== undefined;
  }

  /**
   * Adopts a stream. The right ends with the process, however that ends.
   *
   * @returns `undefined` when its writer lives, or another process has adopted it.
   * @throws {JournalWriteError} when the folder can't be written.
   */
  static take(entry: StreamEntry, access: Access = {}): Adoption | undefined {
    const path = join(entry.directory, ADOPT_LOCK_FILE);
    try {
      // Where the writer could not lock, trying to would say `held` for ever.
      const lock = entry.info?.locked === false ? 'unsupported' : FileLock.acquire(path, access);
      if (lock === 'held') return undefined;
      // Asked again under the lock: whoever had it before may be through with the stream.
      if (isLeft(entry)) return new Adoption(entry.directory, lock instanceof FileLock ? lock : undefined);
      if (lock instanceof FileLock) lock.release();
      return undefined;
    } catch (error) {
      throw error instanceof JournalFormatError
        ? new JournalWriteError('EINVAL', path, error.message, error)
        : JournalWriteError.from(error, path);
    }
  }

  /**
   * Notes that `audit.stream.recovered` stands on the adopter's own stream, so that nobody reports the same again. To be
   * called after that record was appended: reported twice is better than never.
   *
   * @throws {JournalWriteError}
   */
  recovered(by: { readonly streamId: string; readonly number?: number | undefined }, access: Access = {}): void {
    const path = join(this.streamDirectory, RECOVERED_FILE);
    try {
      replaceFile(path, `${JSON.stringify(by)}\n`, access);
    } catch (error) {
      throw JournalWriteError.from(error, path);
    }
  }

  release(): void {
    this.#lock?.release();
  }
}

function isKnown({ problem }: StreamEntry): boolean {
  return !(problem instanceof JournalFormatError) || problem.newerVersion === undefined;
}

/** Whether its writer is gone for all that can be told. */
function isLeft(entry: StreamEntry): boolean {
  const state = liveness(entry.directory);
  if (state !== 'unknown') return state === 'dead';
  if (readTip(entry.directory)?.closed) return true;
  const written = lastWrite(entry);
  // Either way: a clock that was wrong may have left a time that is yet to come.
  return written !== undefined && Math.abs(Date.now() - written) > LEFT_AFTER_MS;
}

function whatRemains({ directory }: StreamEntry): Pick<AdoptableStream, 'unacknowledged' | 'unrecovered'> {
  const tip = readTip(directory);
  if (!tip) return { unacknowledged: false, unrecovered: !isRecovered(directory) };
  const cursor = loadCursor(directory);
  return {
    unacknowledged:
      cursor?.segment !== tip.segment || cursor.offset < tip.offset || unacknowledgedCheckpoints(directory).length > 0,
    unrecovered: !tip.closed && !isRecovered(directory),
  };
}

function isRecovered(directory: string): boolean {
  try {
    const text = readSmallFile(join(directory, RECOVERED_FILE));
    return text !== undefined && parseObject(text) !== undefined;
  } catch {
    // What can't be read doesn't say that it is done.
    return false;
  }
}
