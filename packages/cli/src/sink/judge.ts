import { hash } from 'node:crypto';
import {
  checkpointEntryOf,
  createLineReader,
  createVerifier,
  type LineRead,
  type PublicKey,
  parseCheckpoint,
  type Verifier,
} from '@botaudit/record';
import type { CheckFinding, CheckReport } from '../journal/check.js';
import type { Held } from './held.js';
import type { Comparison, JournalSide } from './journal-side.js';
import { Origins, type SenderReport } from './origins.js';
import type { RejectedRecord } from './rejected.js';
import { SinkFindings } from './sink-findings.js';
import { StreamAtSink } from './stream-at-sink.js';
import { testimonyAtSink } from './testimony-at-sink.js';

/** How to judge what a sink holds. */
export interface SinkRules {
  /** Keys that checkpoints must be signed by; none: signatures are not looked at. */
  readonly publicKeys: readonly PublicKey[];
  /** Whether the sink holds all streams that belong together, so that one which is named must be there. */
  readonly complete: boolean;
  /** When it was read: ms since the epoch. */
  readonly nowMs: number;
  /** What came, or was observed, so lately need not be followed by what belongs before it yet; in milliseconds. */
  readonly graceMs: number;
  /** How long the sink keeps records, in milliseconds. Default: for ever. */
  readonly retentionMs?: number | undefined;
  /** Who may write in whose name. Default: any in any. */
  readonly origins?: Origins | undefined;
  readonly journal?: JournalSide | undefined;
  /** Records that stand with the rejected ones, by stream and number. Default: none. */
  readonly rejected?: ReadonlyMap<string, readonly RejectedRecord[]> | undefined;
}

/** What a check of a sink came to. */
export interface SinkReport extends CheckReport {
  readonly sink: SinkCounts;
}

/** What there is at a sink, beside what is right or wrong with it. */
interface SinkCounts {
  /** Records, checkpoints and what else is there, each as often as it is there. */
  readonly documents: number;
  /** Of these, such as stand there once more as they are. */
  readonly twice: number;
  /** Records of streams that stand with the rejected ones alone. */
  readonly rejected: number;
  /** Records that follow ones which are not there yet, and so are not judged yet. */
  readonly inFlight: number;
  /** Records that should be there, and are not. */
  readonly missing: number;
  /** Who wrote, in whose names; empty where the sink does not say. */
  readonly senders: readonly SenderReport[];
  /** Absent where there is no journal to compare with. */
  readonly journal?: Comparison | undefined;
}

/** A checkpoint in its sequence. */
interface Placed {
  readonly held: Held;
  readonly read: LineRead;
  readonly seq: number;
}

/**
 * Judges what a sink holds: feed all checkpoints of one stream after the other, then what tells of other streams, the
 * newest first, then all records, stream by stream and by number. Memory grows with the number of streams, not of records.
 */
export class SinkJudge {
  readonly rules: SinkRules;
  readonly findings = new SinkFindings();
  readonly origins: Origins;
  readonly verifier: Verifier;
  readonly readLine = createLineReader((text) => hash('sha256', text));
  readonly counts = { documents: 0, twice: 0, rejected: 0, inFlight: 0 };
  readonly #seenRejected = new Set<string>();
  #stream: StreamAtSink | undefined;

  constructor(rules: SinkRules) {
    this.rules = rules;
    this.origins = rules.origins ?? new Origins(undefined);
    const { complete, publicKeys } = rules;
    const publicKey = publicKeys.length > 0 ? publicKeys : undefined;
    this.verifier = createVerifier({ sha256: (text) => hash('sha256', text), complete, publicKey });
  }

  /** Whether something came so lately that what belongs before it may still be on its way. */
  isRecent({ arrivedMs, observedMs = 0 }: Pick<Held, 'arrivedMs' | 'observedMs'>): boolean {
    const at = arrivedMs ?? observedMs;
    return at > this.rules.nowMs - this.rules.graceMs && at <= this.rules.nowMs + MAX_SKEW_MS;
  }

  /** Takes in all checkpoints of one stream, in any order and as often as they came. */
  checkpoints(stream: string, held: readonly Held[]): void {
    const placed: Placed[] = [];
    const seen = new Set<string>();
    for (const each of held) {
      this.counts.documents++;
      const read = this.readLine({ stream, holds: 'checkpoints', line: each.line, terminated: true });
      this.judgeDocument(stream, each, each.line === undefined ? undefined : hash('sha256', each.line));
      this.#judgeOrigin(stream, each);
      if (each.line !== undefined && seen.has(each.line)) this.counts.twice++;
      else
        placed.push({ held: each, read: each.reason === undefined ? read : { reason: each.reason }, seq: seqOf(read) });
      if (each.line !== undefined) seen.add(each.line);
    }
    placed.sort((a, b) => a.seq - b.seq);
    for (const { held: each, read } of placed.slice(0, this.#settledCheckpoints(stream, placed))) {
      const { place: position } = each;
      const recent = this.isRecent(each);
      this.verifier.take({ stream, holds: 'checkpoints', terminated: true, position, recent }, read);
    }
    this.verifier.endOfStream(stream);
  }

  /** Takes note of what a record tells of other streams. */
  announce(held: Held): void {
    const read = this.readLine({ stream: '', line: held.line, terminated: true });
    const recent = this.isRecent(held);
    this.verifier.announce({ stream: '', terminated: true, recent }, testimonyAtSink(read, held, this.rules));
  }

  /** Takes in the next record. */
  record(held: Held): void {
    this.counts.documents++;
    const { line, place: position } = held;
    const read = this.readLine({ stream: '', line, terminated: true });
    const { link } = read;
    if (!link) {
      const reason = held.reason ?? read.reason ?? 'it carries a checkpoint, and has the place of a record';
      this.judgeDocument(WITHOUT_PLACE, held, line === undefined ? undefined : hash('sha256', line));
      const stream = this.#stream?.id ?? WITHOUT_PLACE;
      this.verifier.take({ stream, holds: 'records', terminated: true, position }, { reason });
      return;
    }
    if (this.#stream?.id !== link.streamId) {
      this.#stream?.end();
      this.#stream = this.#open(link.streamId);
    }
    this.#stream?.record(held, read);
  }

  /** What a document is worth by its id; `digest` is the hash of its record. */
  judgeDocument(stream: string, { document, place }: Held, digest: string | undefined, number?: number): void {
    if (!document || document.id === digest) return;
    const is = digest === undefined ? 'holds no record' : 'does not hold the record that its id says';
    const message = `${number === undefined ? '' : `record ${number}: `}${place} ${is}: changed, or put there by another than the indexer`;
    this.findings.add({
      stream,
      ...(number !== undefined && { number }),
      kind: 'document',
      severity: 'error',
      message,
    });
  }

  /** All was taken in. */
  finish(): SinkReport {
    this.#stream?.end();
    this.#stream = undefined;
    const { journal, rejected = new Map() } = this.rules;
    // Streams of which nothing but that is there.
    for (const streamId of rejected.keys()) if (!this.#seenRejected.has(streamId)) this.#open(streamId).end();
    for (const streamId of journal?.left ?? []) this.#open(streamId).end();
    for (const message of this.origins.strangers) {
      this.findings.add({ stream: 'senders', kind: 'principal', severity: 'notice', message });
    }
    const { intact, signed, findings, omitted, ...counts } = this.verifier.finish();
    const unchecked: CheckFinding[] = (journal?.problems ?? []).map(({ stream, message }) => {
      return { stream, kind: 'unchecked', severity: 'error', message };
    });
    const isRight = this.findings.errors === 0 && unchecked.length === 0;
    const all = [...findings, ...this.findings.list, ...unchecked];
    const left = omitted + this.findings.omitted;
    return {
      intact: intact && isRight,
      signed: signed && isRight && this.counts.inFlight === 0,
      ...counts,
      findings: all,
      ...(left > 0 && { omitted: left }),
      sink: {
        ...this.counts,
        missing: missingIn(all),
        senders: this.origins.senders,
        ...(journal && { journal: journal.comparison }),
      },
    };
  }

  #open(streamId: string): StreamAtSink {
    this.#seenRejected.add(streamId);
    return new StreamAtSink(streamId, this);
  }

  #judgeOrigin(stream: string, { document, origin }: Held): void {
    const what = document && origin && this.origins.judge(origin);
    if (what) this.findings.add({ stream, kind: 'principal', severity: 'error', message: `a checkpoint: ${what}` });
  }

  /** How many checkpoints of a sequence are judged: not those behind a hole whose own have only just come. */
  #settledCheckpoints(stream: string, placed: readonly Placed[]): number {
    let settled = placed.length;
    while (settled > 0 && this.isRecent(placed[settled - 1]!.held)) settled--;
    for (let index = Math.max(1, settled); index < placed.length; index++) {
      const [before, after] = [placed[index - 1]!.seq, placed[index]!.seq];
      if (after <= before + 1) continue;
      const message = `checkpoints ${before + 1} to ${after - 1} are not there yet, and may be on their way`;
      this.findings.add({ stream, kind: 'in_flight', severity: 'notice', message });
      return index;
    }
    return placed.length;
  }
}

/** Under which name that is told which has no place in any stream. */
const WITHOUT_PLACE = 'documents of no stream';

/** Clocks of two machines may differ by so much. */
export const MAX_SKEW_MS = 5 * 60_000;

function seqOf({ record }: LineRead): number {
  try {
    return record ? parseCheckpoint(checkpointEntryOf(record).checkpoint).seq : 0;
  } catch {
    return 0; // What is no checkpoint comes first, and verification says so.
  }
}

/** How many records are missing for certain, each counted once however many findings say so. */
function missingIn(findings: readonly CheckFinding[]): number {
  const byStream = new Map<string, [number, number][]>();
  for (const { stream, kind, severity, number, lastNumber = number } of findings) {
    if (severity !== 'error' || (kind !== 'removed' && kind !== 'missing')) continue;
    if (number === undefined || lastNumber === undefined) continue;
    const ranges = byStream.get(stream) ?? [];
    byStream.set(stream, ranges);
    ranges.push([number, lastNumber]);
  }
  let missing = 0;
  for (const ranges of byStream.values()) {
    let reached = 0;
    for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
      missing += Math.max(0, to - Math.max(from - 1, reached));
      reached = Math.max(reached, to);
    }
  }
  return missing;
}
