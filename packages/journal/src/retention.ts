import { join } from 'node:path';
import { type AcknowledgedBy, acknowledgedPart } from './acknowledged.js';
import { errorCode, JournalFormatError } from './errors.js';
import { readdirSync, rmdirSync, unlinkSync } from './file-system.js';
import {
  ADOPT_LOCK_FILE,
  ARCHIVED_FILE,
  CHECKPOINT_CURSOR_FILE,
  CHECKPOINTS_FILE,
  CURSOR_FILE,
  compressedName,
  LOCK_FILE,
  METRICS_FILE,
  RECOVERED_FILE,
  STREAM_INFO_FILE,
  segmentName,
  TIMESTAMPS_FILE,
} from './layout.js';
import { endsOf, RemovalLog, type RemovalReason, type RemovedSegments, type SegmentEnds } from './removal-log.js';
import { allowedBytes, type JournalLimits, type Space, spaceOf } from './space.js';
import { drain } from './steps.js';
import { liveness, streamIds } from './streams.js';
import { type SegmentUsage, type StreamUsage, usageOf } from './usage.js';

const KEEP_ACKNOWLEDGED_MS = 7 * 24 * 60 * 60 * 1000;

/** Which segments may go, and when they do although there is room. */
export interface RetentionRules {
  /**
   * Whether a segment may go only once all of it is acknowledged. Default `false`: acknowledged ones go first, then the
   * oldest. `true` where records are shipped or archived; when nothing more may go, appends are refused.
   */
  readonly acknowledgedOnly?: boolean | undefined;
  /** Who acknowledges. Default `receiver`. */
  readonly acknowledgedBy?: AcknowledgedBy | undefined;
  /** How long acknowledged segments stay where there is room, ms. Default 7 days: a collector's 200 is not the sink's. */
  readonly keepAcknowledgedMs?: number | undefined;
  /** How long any other segment that may go stays after its last record, ms. Default: as long as there is room. */
  readonly maxAgeMs?: number | undefined;
}

export interface RetentionOptions extends RetentionRules {
  /** Bytes to make room for beyond what the limits ask, as far as something may go. Default 0. */
  readonly reserveBytes?: number | undefined;
  /** The time, ms since the epoch. Default now. */
  readonly now?: number | undefined;
  /**
   * Called with what is about to go, before anything does, so that a crash in between leaves no hole that nothing
   * explains. Not called when nothing goes. Where it throws, nothing goes.
   */
  readonly announce?: ((planned: readonly RemovedSegments[]) => void) | undefined;
}

/** What {@link enforceLimits} did, and how things stand. */
export interface RetentionReport {
  /** What went, successive segments of a stream together: the content of `audit.retention.applied`. */
  readonly removed: readonly RemovedSegments[];
  /** Bytes that the journal takes now. */
  readonly bytes: number;
  /** Bytes that it may take now. */
  readonly allowedBytes: number;
  readonly freeBytes: number;
  /** The limit that is exceeded still, because nothing more may go. */
  readonly over?: 'max_bytes' | 'min_free_bytes' | undefined;
  /** Files that could not be removed, and why. */
  readonly failed: readonly { readonly path: string; readonly code: string }[];
}

/**
 * Removes whole segments until the journal keeps its limits: those that have stayed their time; then, as
 * long as a limit is exceeded, other acknowledged ones, then (unless `acknowledgedOnly`) the oldest. A stream goes from
 * its front, and its folder with its last segment. Never goes: the segment being written by a writer that lives or may
 * live, a stream of a newer format version, `rejected.ndjson`.
 *
 * @throws {JournalReadError} when the folder can't be read.
 */
export function enforceLimits(
  directory: string,
  limits: JournalLimits,
  options: RetentionOptions = {},
): RetentionReport {
  return drain(retentionSteps(directory, limits, options));
}

/**
 * {@link enforceLimits} in steps of one stream or segment each, for a thread that has other things to do in between: a
 * folder may hold the streams of thousands of runs.
 */
export function* retentionSteps(
  directory: string,
  limits: JournalLimits,
  options: RetentionOptions = {},
): Generator<void, RetentionReport, undefined> {
  const streams: StreamUsage[] = [];
  for (const streamId of streamIds(directory)) {
    const usage = usageOf(directory, streamId);
    if (usage) streams.push(usage);
    yield;
  }
  const bytes = streams.reduce((sum, usage) => sum + usage.bytes, 0);
  const space = spaceIn(directory, limits);
  const allowed = allowedBytes(bytes, space, limits);
  const limit = allowed < limits.maxBytes ? 'min_free_bytes' : 'max_bytes';
  const planned = yield* plan(streams, bytes, allowed, limit, options);
  if (planned.length > 0) options.announce?.(entriesOf(planned));
  const { gone, freed, failed } = yield* removeAll(planned);
  const remaining = bytes - freed;
  return {
    removed: entriesOf(gone),
    bytes: remaining,
    allowedBytes: allowed,
    freeBytes: space.freeBytes + freed,
    over: remaining > allowed ? limit : undefined,
    failed,
  };
}

/** A segment that may go, as far as acknowledgement says. */
interface Candidate {
  readonly stream: StreamUsage;
  readonly usage: SegmentUsage;
  readonly acknowledged: boolean;
}

/** A segment that is to go. */
interface Planned extends Candidate {
  readonly isLast: boolean;
  readonly reason: RemovalReason;
  readonly ends: SegmentEnds;
}

interface Removal {
  readonly gone: readonly Planned[];
  readonly freed: number;
  readonly failed: RetentionReport['failed'];
}

/** A file system that tells nothing of its room limits nothing. */
function spaceIn(directory: string, limits: JournalLimits): Space {
  try {
    return spaceOf(directory, limits);
  } catch {
    return { freeBytes: Number.POSITIVE_INFINITY, minFreeBytes: 0 };
  }
}

function* plan(
  streams: readonly StreamUsage[],
  bytes: number,
  allowed: number,
  limit: RemovalReason,
  options: RetentionOptions,
): Generator<void, Planned[], undefined> {
  const { now = Date.now(), reserveBytes = 0 } = options;
  const planned: Planned[] = [];
  let remaining = bytes;
  for (const candidate of yield* candidatesIn(streams, options)) {
    const { stream, usage, acknowledged } = candidate;
    const expired = expiry(now - usage.modified, acknowledged, options);
    if (!expired && remaining <= allowed - reserveBytes) continue;
    const { directory } = stream.entry;
    const isLast = usage === stream.segments.at(-1);
    if (isLast && liveness(directory) !== 'dead') continue;
    const ends = readableEnds(directory, usage.segment);
    planned.push({ ...candidate, isLast, reason: expired ?? limit, ends });
    remaining -= usage.bytes;
    yield;
  }
  return planned;
}

/** Why a segment of this age goes whatever room there is, if it does. */
function expiry(
  ageMs: number,
  acknowledged: boolean,
  { keepAcknowledgedMs = KEEP_ACKNOWLEDGED_MS, maxAgeMs = Number.POSITIVE_INFINITY }: RetentionRules,
): RemovalReason | undefined {
  if (ageMs > maxAgeMs) return 'max_age';
  return acknowledged && ageMs > keepAcknowledgedMs ? 'age' : undefined;
}

/** In the order in which they go. */
function* candidatesIn(
  streams: readonly StreamUsage[],
  { acknowledgedOnly = false, acknowledgedBy = 'receiver' }: RetentionRules,
): Generator<void, Candidate[], undefined> {
  const candidates: Candidate[] = [];
  for (const stream of streams) {
    // A stream of a newer version is for those who know it to clear.
    if (stream.entry.problem instanceof JournalFormatError && stream.entry.problem.newerVersion !== undefined) continue;
    const isAcknowledged = acknowledgedPart(stream, acknowledgedBy);
    for (const usage of stream.segments) {
      const acknowledged = isAcknowledged(usage);
      if (!acknowledged && acknowledgedOnly) break;
      candidates.push({ stream, usage, acknowledged });
    }
    yield;
  }
  // Stable, so the segments of one stream stay in order where their times are equal.
  return candidates.sort((a, b) =>
    a.acknowledged === b.acknowledged ? a.usage.modified - b.usage.modified : a.acknowledged ? -1 : 1,
  );
}

function* removeAll(planned: readonly Planned[]): Generator<void, Removal, undefined> {
  const gone: Planned[] = [];
  const failed: { path: string; code: string }[] = [];
  /** Streams from whose front a segment could not go, so that none behind it may. */
  const stuck = new Set<StreamUsage>();
  let freed = 0;
  for (const segment of planned) {
    if (stuck.has(segment.stream)) continue;
    const problem = unlinkAll(segment);
    if (problem) {
      failed.push(problem);
      stuck.add(segment.stream);
      continue;
    }
    if (problem === undefined) gone.push(segment);
    freed += segment.usage.bytes;
    if (segment.isLast) removeFolder(segment.stream.entry.directory);
    yield;
  }
  return { gone, freed, failed };
}

/** Returns what kept a file from being removed; `null` when another process was faster, and tells of it. */
function unlinkAll({ stream, usage }: Planned): { path: string; code: string } | null | undefined {
  let removed = 0;
  // It may have been compressed since it was looked at.
  for (const name of new Set([...usage.names, segmentName(usage.segment), compressedName(usage.segment)])) {
    const path = join(stream.entry.directory, name);
    try {
      unlinkSync(path);
      removed++;
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT') return { path, code };
    }
  }
  return removed > 0 ? undefined : null;
}

function entriesOf(planned: readonly Planned[]): readonly RemovedSegments[] {
  const log = new RemovalLog();
  for (const { stream, usage, ends, reason, acknowledged } of planned) {
    const { streamId } = stream.entry;
    log.add({ streamId, segment: usage.segment, bytes: usage.size, ...ends, reason, acknowledged });
  }
  return log.entries();
}

/** A segment that can't be read has to go all the same. */
function readableEnds(streamDirectory: string, segment: number): SegmentEnds {
  try {
    return endsOf(streamDirectory, segment);
  } catch {
    return {};
  }
}

/** What is left of a stream without segments is of use to nobody, unless there are files that hold more. */
const DISPOSABLE: ReadonlySet<string> = new Set([
  STREAM_INFO_FILE,
  LOCK_FILE,
  ADOPT_LOCK_FILE,
  CURSOR_FILE,
  ARCHIVED_FILE,
  // What they vouch for is gone by right; who has to prove more has them from the sink.
  CHECKPOINTS_FILE,
  TIMESTAMPS_FILE,
  CHECKPOINT_CURSOR_FILE,
  RECOVERED_FILE,
  METRICS_FILE,
]);

function removeFolder(streamDirectory: string): void {
  try {
    const names = readdirSync(streamDirectory);
    if (!names.every((name) => DISPOSABLE.has(name) || name.endsWith('.tmp'))) return;
    for (const name of names) unlinkSync(join(streamDirectory, name));
    rmdirSync(streamDirectory);
  } catch {
    // Another process clears it too, or something new is in it: an empty folder does no harm.
  }
}
