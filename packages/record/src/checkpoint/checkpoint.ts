import { jcs } from '../canonical.js';
import { CheckpointFormatError } from '../errors.js';
import { printable } from '../printable.js';
import { decodeUtf8 } from '../utf8.js';

/** How far one stream had come. */
export interface CheckpointTip {
  readonly stream_id: string;
  /** Which generation of its producer the stream is of: a whole number from 0. Absent only in the oldest checkpoints. */
  readonly epoch?: number;
  /** `audit.sequence.number` of its last record. */
  readonly sequence_number: number;
  /** SHA-256 of that record's line, lower-case hex. */
  readonly tip_hash: string;
  /** How many records it had. */
  readonly entry_count: number;
}

/**
 * A small object that commits the tips of streams; it is signed. A chain alone cannot show that its end was cut off, or
 * that a whole stream vanished.
 */
export interface Checkpoint {
  /** SHA-256 of the canonical form of the checkpoint before it, lower-case hex; of nothing for the first one. */
  readonly prev_hash: string;
  /** Its place in the sequence of whoever makes it, from 1. */
  readonly seq: number;
  /** `YYYY-MM-DDTHH:MM:SSZ` */
  readonly timestamp: string;
  /** Sorted by `stream_id`, by code points, then by `epoch`. */
  readonly tips: readonly CheckpointTip[];
}

/** `prev_hash` of the first checkpoint: the SHA-256 of nothing. */
export const NO_CHECKPOINT_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const MEMBERS = ['prev_hash', 'seq', 'timestamp', 'tips'];
const TIP_MEMBERS = ['entry_count', 'epoch', 'sequence_number', 'stream_id', 'tip_hash'];

const HASH = /^[0-9a-f]{64}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/**
 * The canonical form of a checkpoint (RFC 8785, its tips sorted): the text that is hashed and signed. The order in which
 * the tips are given is of no account.
 *
 * @throws {CheckpointFormatError} when it is none: a member that none has, is missing, `null` or of a wrong type, two
 * tips of one stream and epoch.
 */
export function canonicalCheckpoint(checkpoint: Checkpoint): string {
  const { prev_hash, seq, timestamp, tips } = checked(checkpoint);
  return jcs({ prev_hash, seq, timestamp, tips: tips.toSorted(compareTips) });
}

/**
 * The checkpoint that a text is the canonical form of.
 *
 * @throws {CheckpointFormatError} when it is not, with the very same bytes.
 */
export function parseCheckpoint(canonical: string | Uint8Array): Checkpoint {
  const text = typeof canonical === 'string' ? canonical : decodeUtf8(canonical);
  if (text === undefined) throw new CheckpointFormatError(undefined, 'not UTF-8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // What the parser says quotes the text, which may hold anything.
    throw new CheckpointFormatError(undefined, 'not JSON');
  }
  const checkpoint = checked(json);
  const unsorted = checkpoint.tips.findIndex((tip, index, tips) => index > 0 && compareTips(tips[index - 1]!, tip) > 0);
  if (unsorted > 0) throw new CheckpointFormatError(`tips[${unsorted}]`, 'is out of order');
  // What is left are spaces, escapes, the order and number of members, the spelling of numbers.
  if (canonicalCheckpoint(checkpoint) !== text) {
    throw new CheckpointFormatError(undefined, 'not in canonical form (RFC 8785)');
  }
  return checkpoint;
}

/** Compares as checkpoints sort their tips. */
function compareTips(a: CheckpointTip, b: CheckpointTip): number {
  return compareCodePoints(a.stream_id, b.stream_id) || (a.epoch ?? 0) - (b.epoch ?? 0);
}

/** Not as `<` does, which compares UTF-16 units and so puts U+10000 before U+E000. */
function compareCodePoints(a: string, b: string): number {
  const others = b[Symbol.iterator]();
  for (const character of a) {
    const other = others.next();
    if (other.done) return 1;
    const difference = character.codePointAt(0)! - other.value.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return others.next().done ? 0 : -1;
}

function checked(json: unknown): Checkpoint {
  const { prev_hash, seq, timestamp, tips } = members(json, MEMBERS, '');
  matching(prev_hash, HASH, 'prev_hash', 'a SHA-256 in lower-case hex');
  count(seq, 'seq', 1);
  matching(timestamp, TIMESTAMP, 'timestamp', 'of the form YYYY-MM-DDTHH:MM:SSZ');
  if (!isInstant(timestamp as string)) throw new CheckpointFormatError('timestamp', 'is no point in time');
  if (!Array.isArray(tips))
    throw new CheckpointFormatError('tips', tips === undefined ? 'is missing' : 'is not a list');
  const checkedTips = Array.from(tips, checkedTip);
  checkTogether(checkedTips);
  return { prev_hash, seq, timestamp, tips: checkedTips } as Checkpoint;
}

function checkedTip(json: unknown, index: number): CheckpointTip {
  const at = `tips[${index}]`;
  const tip = members(json, TIP_MEMBERS, at);
  const { stream_id, epoch, sequence_number, tip_hash, entry_count } = tip;
  if (typeof stream_id !== 'string' || stream_id === '') {
    throw new CheckpointFormatError(`${at}.stream_id`, missing(stream_id) ?? 'is not a text');
  }
  if (!stream_id.isWellFormed()) {
    throw new CheckpointFormatError(`${at}.stream_id`, 'holds half of a surrogate pair');
  }
  if (Object.hasOwn(tip, 'epoch')) count(epoch, `${at}.epoch`, 0);
  count(sequence_number, `${at}.sequence_number`, 0);
  matching(tip_hash, HASH, `${at}.tip_hash`, 'a SHA-256 in lower-case hex');
  count(entry_count, `${at}.entry_count`, 0);
  return tip as unknown as CheckpointTip;
}

/** What only shows of all tips together. */
function checkTogether(tips: readonly CheckpointTip[]): void {
  const isOld = tips.every(({ epoch }) => epoch === undefined);
  const streams = new Map<string, Set<number | undefined>>();
  for (const [index, { stream_id, epoch }] of tips.entries()) {
    if (epoch === undefined && !isOld) throw new CheckpointFormatError(`tips[${index}].epoch`, 'is missing');
    const epochs = streams.get(stream_id) ?? new Set();
    if (epochs.has(epoch))
      throw new CheckpointFormatError(`tips[${index}]`, 'is of the stream and epoch of another tip');
    streams.set(stream_id, epochs.add(epoch));
  }
}

function members(json: unknown, known: readonly string[], at: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new CheckpointFormatError(at || undefined, at ? 'is not an object' : 'not an object');
  }
  for (const name of Object.keys(json)) {
    if (known.includes(name)) continue;
    throw new CheckpointFormatError(at || undefined, `has a member that none has, ${printable(name)}`);
  }
  return json as Record<string, unknown>;
}

function count(value: unknown, member: string, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new CheckpointFormatError(member, missing(value) ?? `is not a whole number from ${least} to 2^53 - 1`);
}

function matching(value: unknown, pattern: RegExp, member: string, what: string): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  throw new CheckpointFormatError(member, missing(value) ?? `is not ${what}`);
}

function missing(value: unknown): string | undefined {
  return value === undefined ? 'is missing' : undefined;
}

/** No 30th of February, and no leap second, which no clock here knows. */
function isInstant(timestamp: string): boolean {
  const time = Date.parse(timestamp);
  return !Number.isNaN(time) && new Date(time).toISOString() === timestamp.replace('Z', '.000Z');
}
