import { hash } from 'node:crypto';
import { MAX_LINE_BYTES } from './layout.js';
import { LineSplitter } from './line-splitter.js';
import { sequenceNumber } from './record-fields.js';
import { SegmentSource } from './segment-source.js';
import { readTail } from './tail.js';

/** Why a segment went: it stayed its time after it was acknowledged, or the longest time of all, or a limit was exceeded. */
export type RemovalReason = 'age' | 'max_age' | 'max_bytes' | 'min_free_bytes';

/** Successive segments of one stream that went for one reason. */
export interface RemovedSegments {
  readonly streamId: string;
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** Length of their files. */
  readonly bytes: number;
  /** `audit.sequence.number` of the first and last record in them; absent where they hold none. */
  readonly firstNumber?: number | undefined;
  readonly lastNumber?: number | undefined;
  /** SHA-256 of the last record: what the first one that remains names as its predecessor. */
  readonly lastHash?: string | undefined;
  readonly reason: RemovalReason;
  /** Whether the receiver, or the archive, had acknowledged them. */
  readonly acknowledged: boolean;
}

/** The first and last record of a segment. */
export type SegmentEnds = Pick<RemovedSegments, 'firstNumber' | 'lastNumber' | 'lastHash'>;

/** Throws what reading throws; a segment that is gone has no ends. */
export function endsOf(streamDirectory: string, segment: number): SegmentEnds {
  const last = readTail(streamDirectory, segment)?.last;
  if (!last) return {};
  return {
    firstNumber: firstNumber(streamDirectory, segment) ?? last.number,
    lastNumber: last.number,
    lastHash: hash('sha256', last.line),
  };
}

function firstNumber(streamDirectory: string, segment: number): number | undefined {
  const source = SegmentSource.openSegment(streamDirectory, segment);
  if (!source) return undefined;
  try {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const splitter = new LineSplitter();
    while (splitter.position <= 2 * MAX_LINE_BYTES) {
      const length = source.read(chunk, splitter.position);
      if (length === 0) break;
      for (const { text } of splitter.push(chunk.subarray(0, length))) {
        const number = text === undefined ? undefined : sequenceNumber(text);
        if (number !== undefined) return number;
      }
    }
    return undefined;
  } finally {
    source.close();
  }
}

/** Collects what went, so that a thousand segments of one stream become one entry. */
export class RemovalLog {
  readonly #entries: RemovedSegments[] = [];
  /** Position of each stream's latest entry. */
  readonly #latest = new Map<string, number>();

  add(removed: Omit<RemovedSegments, 'firstSegment' | 'lastSegment'> & { readonly segment: number }): void {
    const { segment, ...rest } = removed;
    const position = this.#latest.get(removed.streamId);
    const before = position === undefined ? undefined : this.#entries[position];
    if (position !== undefined && before && joins(before, removed)) {
      this.#entries[position] = {
        ...before,
        lastSegment: segment,
        bytes: before.bytes + removed.bytes,
        firstNumber: before.firstNumber ?? removed.firstNumber,
        lastNumber: removed.lastNumber ?? before.lastNumber,
        lastHash: removed.lastHash ?? before.lastHash,
      };
      return;
    }
    this.#latest.set(removed.streamId, this.#entries.length);
    this.#entries.push({ ...rest, firstSegment: segment, lastSegment: segment });
  }

  entries(): readonly RemovedSegments[] {
    return this.#entries;
  }
}

function joins(
  before: RemovedSegments,
  next: { segment: number; reason: RemovalReason; acknowledged: boolean },
): boolean {
  const { lastSegment, reason, acknowledged } = before;
  return lastSegment + 1 === next.segment && reason === next.reason && acknowledged === next.acknowledged;
}
