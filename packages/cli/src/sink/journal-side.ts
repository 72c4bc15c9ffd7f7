import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  JournalFormatError,
  JournalReadError,
  listStreams,
  loadCursor,
  readRaw,
  readRawFile,
  type StreamEntry,
} from '@botaudit/journal';
import type { Link } from '@botaudit/record';
import { ChainReader } from '../verify/chain-only.js';
import type { StreamFindings } from './sink-findings.js';

/** Where a receiver's refusals are put aside. */
const REFUSED_FILE = 'rejected.ndjson';

/** What the comparison with a journal came to, in records. */
export interface Comparison {
  /** At the sink as in the journal. */
  same: number;
  /** In the journal, and not at the sink, though the endpoint had acknowledged them or they are old. */
  missing: number;
  /** In the journal and not shipped yet, or shipped a moment ago. */
  onTheirWay: number;
  differing: number;
  /** At the sink, and not in the journal, though it has later ones. */
  surplus: number;
  /** At the sink, and no longer in the journal: of beginnings that it has removed. */
  pruned: number;
  /** Streams of the sink of which this journal has nothing. */
  otherStreams: number;
}

/** A journal that a sink is compared with. */
export class JournalSide {
  readonly comparison: Comparison = {
    same: 0,
    missing: 0,
    onTheirWay: 0,
    differing: 0,
    surplus: 0,
    pruned: 0,
    otherStreams: 0,
  };
  /** What could not be read. */
  readonly problems: { readonly stream: string; readonly message: string }[] = [];
  readonly #streams: Map<string, StreamEntry>;
  readonly #settledMs: number;

  /** @param settledMs records that were observed before this time have had time to arrive: ms since the epoch. */
  constructor(directory: string, settledMs: number) {
    this.#streams = new Map(listStreams(directory).map((entry) => [entry.streamId, entry]));
    this.#settledMs = settledMs;
  }

  /** The journal's side of a stream, once; `undefined` where the journal has none. */
  take(streamId: string, findings: StreamFindings): StreamComparison | undefined {
    const entry = this.#streams.get(streamId);
    if (!entry) {
      this.comparison.otherStreams++;
      return undefined;
    }
    this.#streams.delete(streamId);
    return new StreamComparison(entry, this, findings, this.#settledMs);
  }

  /** Streams of which the sink has nothing. */
  get left(): string[] {
    return [...this.#streams.keys()];
  }
}

/** A record of the journal. */
interface JournalRecord {
  readonly link: Link;
  readonly line: string;
}

/** Holds a stream of a sink against the journal's, number by number. */
export class StreamComparison {
  readonly #side: JournalSide;
  readonly #findings: StreamFindings;
  readonly #settledMs: number;
  readonly #records: Iterator<JournalRecord>;
  /** Number of the last record that the endpoint acknowledged; `undefined` where nothing says so. */
  readonly #acknowledged: number | undefined;
  readonly #refused: ReadonlySet<string>;
  #next: JournalRecord | undefined;
  /** Number of the last record of the journal that was looked at. */
  #last = 0;

  constructor(entry: StreamEntry, side: JournalSide, findings: StreamFindings, settledMs: number) {
    this.#side = side;
    this.#findings = findings;
    this.#settledMs = settledMs;
    this.#acknowledged = readable(entry, side, () => loadCursor(entry.directory)?.number);
    this.#refused = readable(entry, side, () => refusedIn(entry.directory)) ?? new Set();
    this.#records = recordsOf(entry, side);
    this.#advance();
  }

  /** The sink has this record. */
  see({ number, hash: digest }: Link): void {
    const { comparison } = this.#side;
    this.#skipTo(number);
    const next = this.#next;
    if (next?.link.number === number) {
      if (next.link.hash === digest) comparison.same++;
      else {
        comparison.differing++;
        this.#findings.add(number, { kind: 'differs', severity: 'error', what: 'another one than in the journal' });
      }
      this.#advance();
    } else if (this.#last === 0) comparison.pruned++;
    else if (number > this.#last) {
      comparison.surplus++;
      const what = 'not in the journal, though it has the stream';
      this.#findings.add(number, { kind: 'surplus', severity: 'error', what });
    }
  }

  /** The sink has no more of this stream. */
  end(): void {
    this.#skipTo(Number.POSITIVE_INFINITY);
  }

  #skipTo(number: number): void {
    for (let next = this.#next; next && next.link.number < number; next = this.#next) {
      this.#miss(next);
      this.#advance();
    }
  }

  #miss({ link: { number, hash: digest }, line }: JournalRecord): void {
    const { comparison } = this.#side;
    const isShipped = this.#acknowledged === undefined || number <= this.#acknowledged;
    if (this.#refused.has(digest)) {
      const what = `in the journal, and put aside in ${REFUSED_FILE}, since the receiver refused it for good`;
      this.#findings.add(number, { kind: 'missing', severity: 'error', what });
      comparison.missing++;
    } else if (isShipped && observedMs(line) < this.#settledMs) {
      const told = this.#acknowledged === undefined ? 'nothing says that it was shipped' : 'it was acknowledged';
      const what = `in the journal, and not at the sink; ${told}`;
      this.#findings.add(number, { kind: 'missing', severity: 'error', what });
      comparison.missing++;
    } else comparison.onTheirWay++;
  }

  #advance(): void {
    if (this.#next) this.#last = this.#next.link.number;
    const { done, value } = this.#records.next();
    this.#next = done ? undefined : value;
  }
}

function* recordsOf(entry: StreamEntry, side: JournalSide): Generator<JournalRecord, void, undefined> {
  const { streamId, directory } = entry;
  const chain = new ChainReader();
  let last = 0;
  try {
    for (const { text, terminated, defect, reason } of readRaw(directory)) {
      if (defect === 'unreadable') throw new Error(reason);
      if (text === undefined) continue;
      const { link } = chain.read({ stream: streamId, line: text, terminated });
      // What is wrong with the journal itself is for `botaudit verify` of the journal to say.
      if (!link || link.streamId !== streamId || link.number <= last) continue;
      last = link.number;
      yield { link, line: text };
    }
  } catch (error) {
    side.problems.push({ stream: streamId, message: `the journal's side of it: ${(error as Error).message}` });
  }
}

/** Hashes of the records of a stream that the receiver refused. */
function refusedIn(directory: string): Set<string> {
  const path = join(directory, REFUSED_FILE);
  const hashes = new Set<string>();
  if (!existsSync(path)) return hashes;
  for (const { text } of readRawFile(path)) {
    const line = lineIn(text);
    if (line !== undefined) hashes.add(hash('sha256', line));
  }
  return hashes;
}

function lineIn(entry: string | undefined): string | undefined {
  try {
    const { line } = JSON.parse(entry ?? '') as { readonly line?: unknown };
    return typeof line === 'string' ? line : undefined;
  } catch {
    return undefined; // Cut short: it says of no record that it was refused.
  }
}

function readable<T>({ streamId }: StreamEntry, side: JournalSide, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JournalFormatError || error instanceof JournalReadError)) throw error;
    side.problems.push({ stream: streamId, message: `the journal's side of it: ${error.message}` });
    return undefined;
  }
}

function observedMs(line: string): number {
  const [, nanoseconds] = /"ObservedTimestamp":"(\d+)"/.exec(line) ?? [];
  return nanoseconds === undefined ? 0 : Number(nanoseconds) / 1e6;
}
