import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import {
  CHECKPOINTS_FILE,
  type FoundLine,
  JournalFormatError,
  JournalReadError,
  LineSplitter,
  type RawLine,
  readRaw,
  readRawFile,
  type StreamEntry,
  segmentName,
} from '@botaudit/journal';
import {
  createVerifier,
  type Finding,
  isCheckpointLine,
  MAX_RECORD_BYTES,
  type PublicKey,
  type Verifier,
  type VerifierLine,
} from '@botaudit/record';
import type { SinkFindingKind } from '../sink/sink-findings.js';
import type { Follow } from '../verify/chain-only.js';
import { type PackedLines, type ReadLine, unpack } from '../verify/packed-lines.js';
import { LineReading } from './line-reading.js';

/**
 * A finding of verification; or (`unchecked`) something that could not be read and so was not verified; or (`object`) what
 * is wrong with an object of an archive, whatever its records are worth; or what is wrong at a sink.
 */
export type CheckFinding = Omit<Finding, 'kind'> & {
  readonly kind: Finding['kind'] | 'unchecked' | 'object' | SinkFindingKind;
};

/** What a check came to; what `verify --json` prints. */
export interface CheckReport {
  /** Whether everything was checked, and nothing is wrong. */
  readonly intact: boolean;
  /** Whether checkpoints signed by a key that was given vouch for every record. */
  readonly signed: boolean;
  /** Streams of which a record was seen. */
  readonly streams: number;
  readonly records: number;
  /** Records that no such checkpoint vouches for. */
  readonly unsigned: number;
  readonly checkpoints: number;
  /** Ids of the keys that the checkpoints say they are signed by. */
  readonly keyIds: readonly string[];
  readonly findings: readonly CheckFinding[];
  /** Whether only the chain was checked; absent where the records were as well. */
  readonly quick?: true;
  /** Findings beyond those listed; absent where all are. */
  readonly omitted?: number;
}

/** How to check. */
export interface CheckOptions {
  /** Whether all streams that belong together are fed, so that one which is named must be there. */
  readonly complete: boolean;
  /** Keys that checkpoints must be signed by, any of them; none: signatures are not looked at. */
  readonly publicKeys?: readonly PublicKey[] | undefined;
  /** Streams of which only the beginning is fed, and the number of its last record. Default: none. */
  readonly reach?: ReadonlyMap<string, number> | undefined;
  /** Whether only the chain is checked: see {@link ChainReader}. Default `false`. */
  readonly quick?: boolean | undefined;
}

/** Which lines of a source of both are meant. */
type Which = 'all' | 'checkpoints' | 'records';

/** Verifies records while they are read, and keeps what could not be read apart from what is wrong. */
export class Check {
  readonly #verifier: Verifier;
  readonly #isQuick: boolean;
  readonly #reading: LineReading;
  /** What could not be read, and objects of an archive that are not as they were. */
  readonly #apart: CheckFinding[] = [];

  constructor({ complete, publicKeys = [], reach, quick = false }: CheckOptions) {
    this.#isQuick = quick;
    this.#reading = new LineReading(quick);
    const publicKey = publicKeys.length > 0 ? publicKeys : undefined;
    this.#verifier = createVerifier({ sha256: (text) => hash('sha256', text), complete, reach, publicKey });
  }

  /** Takes in a stream's checkpoints from its folder: those of all streams before the records of any. */
  checkpoints({ streamId, directory }: Pick<StreamEntry, 'streamId' | 'directory'>): void {
    const path = join(directory, CHECKPOINTS_FILE);
    if (!isThere(path)) return;
    let place = 0;
    for (const line of readRawFile(path)) {
      place++;
      if (line.defect === 'unreadable') this.#leaveOut(streamId, line.reason ?? `${path} cannot be read`);
      else {
        const position = `${CHECKPOINTS_FILE}, line ${place}`;
        const { text, terminated, defect } = line;
        this.#push({
          stream: streamId,
          exclusive: true,
          holds: 'checkpoints',
          line: text,
          terminated,
          defect,
          position,
        });
      }
    }
    this.#verifier.endOfStream(streamId);
  }

  /** Takes in the records of a stream from its folder. */
  stream({ streamId, directory }: Pick<StreamEntry, 'streamId' | 'directory'>): void {
    try {
      this.records(streamId, readRaw(directory, { form: this.#reading.form }));
    } catch (error) {
      if (!(error instanceof JournalFormatError || error instanceof JournalReadError)) throw error;
      this.#leaveOut(streamId, error.message);
    }
    this.endOfStream(streamId);
  }

  /**
   * Takes in the next records of a stream, as they were read from its segments.
   *
   * @param file as which the findings name what holds them; default: as the segments are called.
   */
  records(streamId: string, lines: Iterable<RawLine>, file?: string): void {
    let segment: number | undefined;
    let place = 0;
    let name = file ?? '';
    const follow: Follow = (number, previous, hash) => {
      const isTaken = this.#verifier.follow(streamId, number, previous, hash);
      if (isTaken) place++;
      return isTaken;
    };
    const take = (line: ReadLine) => this.#record(streamId, line, name, ++place);
    for (const line of lines) {
      if (line.segment !== segment) {
        place = 0;
        segment = line.segment;
        if (segment !== undefined) name = file ?? segmentName(segment);
      }
      this.#reading.each(streamId, line, follow, take);
    }
  }

  /** Takes in the records of one segment of a stream, as other threads have read them. */
  async segment(streamId: string, segment: number, batches: AsyncIterable<PackedLines>): Promise<void> {
    const name = segmentName(segment);
    let place = 0;
    for await (const batch of batches)
      for (const line of unpack(batch, name)) this.#record(streamId, line, name, ++place);
  }

  /** Nothing more comes of a stream whose {@link records} were taken in. */
  endOfStream(streamId: string): void {
    this.#verifier.endOfStream(streamId);
  }

  /**
   * Takes in records of any streams, and checkpoints, one a line. Throws what reading throws.
   *
   * @param which what to take of both: checkpoints vouch only for records that come after them, or just before.
   */
  async lines(name: string, chunks: AsyncIterable<Uint8Array>, which: Which = 'all'): Promise<void> {
    const splitter = new LineSplitter(0, MAX_RECORD_BYTES);
    let place = 0;
    const push = ({ text, terminated, defect }: FoundLine) => {
      place++;
      if (which !== 'all' && (which === 'checkpoints') !== (text !== undefined && isCheckpointLine(text))) return;
      this.#push({ stream: name, line: text, terminated, defect, position: `line ${place}` });
    };
    for await (const chunk of chunks) splitter.push(chunk).forEach(push);
    const rest = splitter.end();
    if (rest) push(rest);
    this.#verifier.endOfStream(name);
  }

  /** Takes in one line that carries a checkpoint, from elsewhere. */
  checkpoint(name: string, line: string): void {
    this.#verifier.push({ stream: name, holds: 'checkpoints', line, terminated: true });
  }

  /** Something that looks like a stream was not read. */
  unread(stream: string, message: string): void {
    this.#leaveOut(stream, message);
  }

  /** Something is wrong with an object of an archive. */
  object(stream: string, message: string): void {
    this.#apart.push({ stream, kind: 'object', severity: 'error', message });
  }

  /** All was taken in. */
  finish(): CheckReport {
    const { intact, signed, findings, omitted, ...counts } = this.#verifier.finish();
    const isWhole = this.#apart.length === 0;
    return {
      intact: intact && isWhole,
      signed: signed && isWhole,
      ...counts,
      ...(this.#isQuick && { quick: true }),
      findings: [...findings, ...this.#apart],
      ...(omitted > 0 && { omitted }),
    };
  }

  #record(streamId: string, { found, read }: ReadLine, file: string, place: number): void {
    const { terminated, defect, path, reason } = found;
    if (defect === 'unreadable') {
      this.#leaveOut(streamId, reason ?? `${path} cannot be read`);
      return;
    }
    // Of the others no finding says where they stand.
    const isOdd = read.link?.streamId !== streamId || !terminated;
    const position = isOdd ? `${file}, line ${place}` : undefined;
    this.#verifier.take({ stream: streamId, exclusive: true, holds: 'records', terminated, defect, position }, read);
  }

  #push(line: VerifierLine): void {
    this.#verifier.take(line, this.#reading.read(line));
  }

  #leaveOut(stream: string, message: string): void {
    this.#apart.push({ stream, kind: 'unchecked', severity: 'error', message });
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that can't be looked into: its records can't be read either, and that is told.
    return false;
  }
}

/** Whether anything is wrong for certain: not merely with streams of which a part could not be read. */
export function isWrong({ findings, omitted }: CheckReport): boolean {
  const unchecked = new Set(findings.filter(({ kind }) => kind === 'unchecked').map(({ stream }) => stream));
  const wrong = ({ kind, severity, stream }: CheckFinding) =>
    kind === 'object' || (severity === 'error' && !unchecked.has(stream));
  return findings.some(wrong) || (omitted ?? 0) > 0;
}
