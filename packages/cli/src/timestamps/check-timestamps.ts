import { hash, type X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import {
  type CheckpointTimestamp,
  readCheckpointLines,
  readTimestamps,
  type StreamEntry,
  TIMESTAMPS_FILE,
} from '@botaudit/journal';
import { type CheckpointTip, checkpointEntryOf, parseCheckpoint, parseRecord } from '@botaudit/record';
import type { CheckFinding, CheckReport, VouchedStream } from '../journal/check.js';
import { TimestampError } from './timestamp-error.js';
import type { Timestamp } from './token.js';

/** Which timestamps are held against a journal, and what is believed. */
export interface TimestampCheckOptions {
  /** Certificates that they have to lead to. */
  readonly authorities: readonly X509Certificate[];
  /** Further files of timestamps, from elsewhere. */
  readonly files: readonly string[];
}

type Stream = Pick<StreamEntry, 'streamId' | 'directory'>;

/** A checkpoint of a timestamp, in its sequence. */
interface Stamp {
  readonly streamId: string;
  readonly checkpoint: string;
  readonly seq: number;
  readonly tips: readonly CheckpointTip[];
}

/**
 * Adds to what a check came to what timestamps say: how far each stream was there at which time, and what is wrong with
 * those that are not right, or are of a checkpoint that is not there any more.
 *
 * @param known the checkpoints that were there before those of the check were read, and so are among these.
 */
export async function withTimestamps(
  report: CheckReport,
  streams: readonly Stream[],
  known: KnownCheckpoints,
  options: TimestampCheckOptions,
): Promise<CheckReport> {
  const check = new TimestampCheck(report, streams, known, options.authorities);
  for (const { streamId, directory } of streams) await check.file(streamId, join(directory, TIMESTAMPS_FILE));
  for (const path of options.files) await check.file(path, path);
  return check.report();
}

/** Checkpoints that are there. */
export interface KnownCheckpoints {
  /** SHA-256 of their lines. */
  readonly lines: ReadonlySet<string>;
  /** By stream, where they begin: those before went when their file became too long. */
  readonly firstSeq: ReadonlyMap<string, number>;
}

/** Remembers which checkpoints are there. @param outside lines of those from elsewhere. */
export function rememberCheckpoints(streams: readonly Stream[], outside: readonly string[]): KnownCheckpoints {
  const firstSeq = new Map<string, number>();
  const lines = new Set(outside.map(digest));
  for (const { streamId, directory } of streams) {
    const own = linesOf(directory);
    firstSeq.set(streamId, stampOf(own[0] ?? '')?.seq ?? 1);
    for (const line of own) lines.add(digest(line));
  }
  return { lines, firstSeq };
}

/**
 * The last checkpoint that files of timestamps hold of each stream that is not there, as outside checkpoints: whether those
 * went by right is for verification to say.
 */
export function checkpointsOfMissing(
  files: readonly string[],
  streams: readonly Stream[],
): { readonly name: string; readonly line: string }[] {
  const there = new Set(streams.map(({ streamId }) => streamId));
  const last = new Map<string, { name: string; line: string; seq: number }>();
  for (const name of files) {
    for (const found of readTimestamps(name)) {
      const stamp = 'token' in found ? stampOf(found.checkpoint) : undefined;
      if (!stamp || there.has(stamp.streamId) || !('token' in found)) continue;
      if ((last.get(stamp.streamId)?.seq ?? 0) >= stamp.seq) continue;
      last.set(stamp.streamId, { name, line: found.checkpoint, seq: stamp.seq });
    }
  }
  return [...last.values()];
}

class TimestampCheck {
  readonly #report: CheckReport;
  readonly #folders: ReadonlyMap<string, string>;
  readonly #known: KnownCheckpoints;
  readonly #authorities: readonly X509Certificate[];
  /** Streams that are not as they were. */
  readonly #wrong: ReadonlySet<string>;
  readonly #findings: CheckFinding[] = [];
  readonly #vouched = new Map<string, VouchedStream>();
  #count = 0;

  constructor(
    report: CheckReport,
    streams: readonly Stream[],
    known: KnownCheckpoints,
    authorities: readonly X509Certificate[],
  ) {
    this.#report = report;
    this.#folders = new Map(streams.map(({ streamId, directory }) => [streamId, directory]));
    this.#known = known;
    this.#authorities = authorities;
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    this.#wrong = new Set(errors.map(({ stream }) => stream));
  }

  /** Takes in a file of timestamps. @param name as which findings name what it is about. */
  async file(name: string, path: string): Promise<void> {
    for (const found of readTimestamps(path)) {
      if ('problem' in found) this.#tell(name, `${TIMESTAMPS_FILE}: ${found.problem}`);
      else await this.#timestamp(name, found);
    }
  }

  report(): CheckReport {
    const isRight = this.#findings.every(({ severity }) => severity !== 'error');
    const { intact, signed, findings } = this.#report;
    return {
      ...this.#report,
      intact: intact && isRight,
      signed: signed && isRight,
      findings: [...findings, ...this.#findings],
      timestamps: { count: this.#count, streams: [...this.#vouched.values()] },
    };
  }

  async #timestamp(name: string, { checkpoint: line, token }: CheckpointTimestamp): Promise<void> {
    const stamp = stampOf(line);
    if (!stamp) {
      this.#tell(name, `${TIMESTAMPS_FILE}: a timestamp is of something that is no checkpoint`);
      return;
    }
    const { streamId, seq, tips, checkpoint } = stamp;
    let said: Timestamp;
    try {
      const { verifyToken } = await import('./token.js');
      said = await verifyToken(Buffer.from(token, 'base64'), checkpoint, this.#authorities);
    } catch (error) {
      if (!(error instanceof TimestampError)) throw error;
      this.#tell(streamId, `the timestamp of checkpoint ${seq} is wrong: ${error.message}`);
      return;
    }
    this.#count++;
    const time = said.time.toISOString();
    if (!this.#known.lines.has(digest(line))) {
      // What came while records were verified was not held against them.
      if (!this.#cameMeanwhile(streamId, line)) this.#tellMissing(streamId, seq, time);
      return;
    }
    // A checkpoint that is wrong itself was held against no other stream either; nor is it known what is wrong beyond those
    // findings that are listed.
    if (this.#wrong.has(streamId) || this.#report.omitted) return;
    for (const { stream_id, sequence_number } of tips) this.#vouch(stream_id, sequence_number, time, said);
  }

  #cameMeanwhile(streamId: string, line: string): boolean {
    const folder = this.#folders.get(streamId);
    return folder !== undefined && linesOf(folder).includes(line);
  }

  #tellMissing(streamId: string, seq: number, time: string): void {
    const first = this.#known.firstSeq.get(streamId);
    // Of a stream that is not there verification has told: see `checkpointsOfMissing`.
    if (first === undefined) return;
    const what = `checkpoint ${seq}, which was timestamped at ${time},`;
    if (seq >= first) this.#tell(streamId, `${what} is not there any more`);
    else this.#tell(streamId, `${what} went with the older half of its file`, 'notice');
  }

  /** Of the last record that any timestamp reaches. Where a stream is not as it was, none vouches for what is there now. */
  #vouch(stream: string, number: number, time: string, { authority, policy }: Timestamp): void {
    const known = this.#vouched.get(stream);
    const isBetter = !known || number > known.number || (number === known.number && time < known.time);
    if (!this.#wrong.has(stream) && isBetter) this.#vouched.set(stream, { stream, number, time, authority, policy });
  }

  #tell(stream: string, message: string, severity: 'error' | 'notice' = 'error'): void {
    this.#findings.push({ stream, kind: 'timestamp', severity, message });
  }
}

function digest(line: string): string {
  return hash('sha256', line);
}

function linesOf(directory: string): string[] {
  try {
    return readCheckpointLines(directory);
  } catch {
    // What can't be read was told of when the checkpoints were verified.
    return [];
  }
}

function stampOf(line: string): Stamp | undefined {
  try {
    const { streamId, checkpoint } = checkpointEntryOf(parseRecord(line));
    return { streamId, checkpoint, ...parseCheckpoint(checkpoint) };
  } catch {
    return undefined;
  }
}
