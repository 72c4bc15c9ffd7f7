import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Access, createFile } from './access.js';
import { JournalFormatError } from './errors.js';
import {
  closeSync,
  constants,
  fsyncSync,
  futimesSync,
  lstatSync,
  renameSync,
  unlinkSync,
  writeSync,
} from './file-system.js';
import { compressedName, listNames, segmentName } from './layout.js';
import { SegmentSource } from './segment-source.js';
import { listStreams, liveness, type StreamEntry } from './streams.js';
import { syncPath } from './synced-entries.js';
import { compressFrame, FRAME_BYTES, MAX_SEGMENT_BYTES } from './zstd-frames.js';

/** What a process that was killed left of a compressed segment; what is younger may be being written. */
const LITTER = /^\d+\.ndjson\.zst\.[0-9a-f]+\.tmp$/;
const LITTER_AFTER_MS = 60 * 60 * 1000;

export interface CompressionOptions extends Access {
  /** The stream that this process writes. */
  readonly own?: string | undefined;
  /** Shorter segments stay as they are: they take a few blocks of the disk either way. Default 64 KiB. */
  readonly leastBytes?: number | undefined;
}

/**
 * Compresses the segments of a journal that are finished: of the stream `own` all but the last, of streams whose writer
 * is gone all. Segments of other living writers are theirs to compress. What can't be compressed now stays as it is.
 */
export function* compressionSteps(
  directory: string,
  { own, leastBytes = 64 * 1024, ...access }: CompressionOptions,
): Generator<void, void, undefined> {
  for (const entry of listStreams(directory)) {
    if (entry.problem) continue;
    const isOwn = entry.streamId === own;
    if (!isOwn && liveness(entry.directory) !== 'dead') continue;
    removeLitter(entry);
    for (const segment of isOwn ? entry.segments.slice(0, -1) : entry.segments) {
      try {
        compressSegment(entry.directory, segment, leastBytes, access);
      } catch {
        // A full disk, no rights, a segment that retention has just removed: it stays as it is, and is found again.
      }
      yield;
    }
  }
}

/**
 * Puts a compressed file in the place of a segment that nobody writes to any more. Whoever reads meanwhile, and whoever
 * comes after a crash at any point, finds the segment once: the file that its writer wrote goes last, when the other one
 * is on the disk and was read back.
 *
 * @returns whether it did; `false` where there is nothing to compress, or it is not worth it, or not ours.
 * @throws what the file system throws.
 */
function compressSegment(streamDirectory: string, segment: number, leastBytes: number, access: Access): boolean {
  const path = join(streamDirectory, segmentName(segment));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size < leastBytes || stats.size > MAX_SEGMENT_BYTES) return false;
  // One that another user wrote would be ours afterwards, and that user could not read it any more.
  if (stats.uid !== process.geteuid?.()) return false;
  const target = join(streamDirectory, compressedName(segment));
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    compressFile(path, temporary, { access, modified: stats.mtimeMs / 1000 });
    if (!holdsTheSame(path, temporary)) throw new JournalFormatError(temporary, 'is not what was compressed');
    // Retention may have removed it, and it must not come back.
    if (!lstatSync(path, { throwIfNoEntry: false })) return discard(temporary);
    renameSync(temporary, target);
  } catch (error) {
    discard(temporary);
    throw error;
  }
  syncPath(dirname(target));
  unlinkSync(path);
  return true;
}

function compressFile(from: string, to: string, { access, modified }: { access: Access; modified: number }): void {
  const source = opened(from);
  try {
    const fd = createFile(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, access);
    try {
      for (let position = 0; ; position += FRAME_BYTES) {
        const content = source.slice(position, position + FRAME_BYTES);
        if (content.length === 0) break;
        const frame = compressFrame(content);
        for (let done = 0; done < frame.length; ) done += writeSync(fd, frame, done, frame.length - done);
      }
      // How long segments are kept goes by when they were written.
      futimesSync(fd, modified, modified);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } finally {
    source.close();
  }
}

/** What would be removed has to be found in what stays. */
function holdsTheSame(path: string, compressed: string): boolean {
  const source = opened(path);
  const copy = SegmentSource.openCompressed(compressed);
  try {
    if (!copy || source.size !== copy.size) return false;
    for (let position = 0; position < source.size; position += FRAME_BYTES) {
      const end = position + FRAME_BYTES;
      if (!source.slice(position, end).equals(copy.slice(position, end))) return false;
    }
    return true;
  } finally {
    source.close();
    copy?.close();
  }
}

function opened(path: string): SegmentSource {
  const source = SegmentSource.open(path);
  if (!source) throw new JournalFormatError(path, 'is not there');
  return source;
}

function discard(path: string): false {
  try {
    unlinkSync(path);
  } catch {
    // It was not made, or can't be removed: it is litter that the next who comes by removes.
  }
  return false;
}

function removeLitter({ directory }: StreamEntry): void {
  for (const name of listNames(directory)) {
    if (!LITTER.test(name)) continue;
    const path = join(directory, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats && Math.abs(Date.now() - stats.mtimeMs) > LITTER_AFTER_MS) discard(path);
  }
}
