import { ATTR_AUDIT_SEQUENCE_NUMBER, type LineRead, type Link, parseRecord } from '@botaudit/record';
import type { Held, Origin } from './held.js';
import type { StreamComparison } from './journal-side.js';
import { MAX_SKEW_MS, type SinkJudge } from './judge.js';
import { strayFrom } from './origins.js';
import type { RejectedRecord } from './rejected.js';
import { type SinkFinding, StreamFindings } from './sink-findings.js';
import { beginningAtSink, testimonyAtSink } from './testimony-at-sink.js';

/** More than this behind a hole is judged, however lately it came. */
const MAX_WAITING = 4_096;

/** Whoever sends again what was not acknowledged does so within this time. */
const SENT_AGAIN_MS = 60 * 60_000;

/** As whom `botaudit index --archive` writes. */
const ARCHIVE = 'archive';

interface Taken {
  readonly held: Held;
  readonly read: LineRead;
}

/** One stream as a sink holds it. Its records come by number. */
export class StreamAtSink {
  readonly id: string;
  readonly #judge: SinkJudge;
  readonly #findings: StreamFindings;
  readonly #journal: StreamComparison | undefined;
  readonly #rejected: RejectedRecord[];
  /** Whose the first record is said to be. */
  #origin: Origin | undefined;
  /** The number that came last, and the records that came with it, by hash. */
  #number = 0;
  readonly #versions = new Map<string, Held>();
  #lastArrivedMs: number | undefined;
  /** The highest number that was judged. */
  #judged = 0;
  /** What came lately, behind a hole that may close yet. */
  #waiting: Taken[] | undefined;

  constructor(id: string, judge: SinkJudge) {
    this.id = id;
    this.#judge = judge;
    this.#findings = new StreamFindings(id, judge.findings);
    this.#journal = judge.rules.journal?.take(id, this.#findings);
    this.#rejected = [...(judge.rules.rejected?.get(id) ?? [])];
  }

  /** Takes in the next record. */
  record(held: Held, read: LineRead): void {
    const link = read.link as Link;
    this.#judge.judgeDocument(this.id, held, link.hash, link.number);
    if (this.#isCopy(held, link)) return;
    this.#rejectedBefore(link);
    if (held.origin) this.#judgeOrigin(held, held.origin, link.number);
    if (held.document) this.#judgeArrival(held, link.number);
    this.#take({ held, read });
  }

  /** No more of it comes. */
  end(): void {
    this.#rejectedBefore(undefined);
    const [first] = this.#waiting ?? [];
    if (first && this.#waiting) {
      this.#judge.counts.inFlight += this.#waiting.length;
      const to = (first.read.link as Link).number - 1;
      const what = 'not there yet, though later ones are, which have only just come: they may be on their way';
      this.#findings.add(this.#judged + 1, { kind: 'in_flight', severity: 'notice', what }, to);
      this.#waiting = undefined;
    }
    this.#journal?.end();
    this.#findings.end();
    this.#judge.verifier.endOfStream(this.id);
  }

  /** Whether the very same record came before, which is told; another one with its number is for the chain to judge. */
  #isCopy(held: Held, { number, hash }: Link): boolean {
    if (number !== this.#number) this.#versions.clear();
    this.#number = number;
    const known = this.#versions.get(hash);
    if (!known) {
      this.#versions.set(hash, held);
      return false;
    }
    this.#judge.counts.twice++;
    const finding = copyFinding(known, held, hash);
    if (finding) this.#findings.add(number, finding);
    return true;
  }

  #judgeOrigin(held: Held, origin: Origin, number: number): void {
    const tell = (what: string | undefined) => {
      if (what !== undefined) this.#findings.add(number, { kind: 'principal', severity: 'error', what });
    };
    if (held.document) tell(this.#judge.origins.judge(origin));
    if (number === 1) tell(otherThanChained(held.line, origin));
    this.#origin ??= origin;
    const isFromArchive = origin.principal === ARCHIVE || this.#origin.principal === ARCHIVE;
    tell(strayFrom(this.#origin, isFromArchive ? { ...origin, principal: this.#origin.principal } : origin));
  }

  #judgeArrival({ arrivedMs, observedMs = 0 }: Held, number: number): void {
    const tell = (severity: SinkFinding['severity'], what: string, about = number) => {
      this.#findings.add(about, { kind: 'ingest', severity, what });
    };
    if (arrivedMs === undefined) tell('error', 'does not say when it came (event.ingested)');
    else if (arrivedMs > this.#judge.rules.nowMs + MAX_SKEW_MS) tell('error', 'came in the future, by event.ingested');
    else if (arrivedMs < observedMs - MAX_SKEW_MS) {
      tell('notice', 'came before it was observed: a clock is wrong, or event.ingested was changed');
    }
    if (arrivedMs !== undefined && this.#lastArrivedMs !== undefined) {
      const late = this.#lastArrivedMs - arrivedMs > SENT_AGAIN_MS;
      if (late) tell('notice', 'came more than an hour after the record that follows it', number - 1);
    }
    this.#lastArrivedMs = arrivedMs;
  }

  /** What stands with the rejected ones, and belongs before `link`; `undefined`: all that is left. */
  #rejectedBefore(link: Link | undefined): void {
    for (let next = this.#rejected[0]; next; next = this.#rejected[0]) {
      const { read, observedMs, reason } = next;
      const own = read.link as Link;
      if (link && own.number > link.number) return;
      this.#rejected.shift();
      if (own.number === link?.number || own.number <= this.#judged || this.#isWaiting(own.number)) {
        if (own.number === link?.number && own.hash !== link.hash) {
          const what = 'another version of it stands with the rejected ones';
          this.#findings.add(own.number, { kind: 'rejected', severity: 'notice', what });
        }
        continue;
      }
      this.#judge.counts.rejected++;
      const what = `stands with the rejected ones (${reason}), where searches do not find it`;
      this.#findings.add(own.number, { kind: 'rejected', severity: 'notice', what });
      this.#take({ held: { place: 'the rejected records', observedMs }, read });
    }
  }

  #isWaiting(number: number): boolean {
    return this.#waiting?.some(({ read }) => read.link?.number === number) ?? false;
  }

  #take(taken: Taken): void {
    const { held, read } = taken;
    const { number } = read.link as Link;
    this.#journal?.see(read.link as Link);
    const isRecent = this.#judge.isRecent(held);
    if (isRecent && number > this.#judged + 1) this.#waiting ??= [];
    if (this.#waiting && isRecent && this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(taken);
      return;
    }
    // What follows the hole came long ago: what belongs into it should have come as well.
    const waited = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const each of waited) this.#feed(each);
    this.#feed(taken);
  }

  #feed({ held, read }: Taken): void {
    const { rules, verifier } = this.#judge;
    const heard = testimonyAtSink(read, held, rules);
    const place = { stream: this.id, holds: 'records', terminated: true, position: held.place } as const;
    const recent = this.#judge.isRecent(held);
    verifier.take({ ...place, recent }, this.#judged === 0 ? beginningAtSink(heard, held, rules) : heard);
    this.#judged = Math.max(this.#judged, (read.link as Link).number);
  }
}

function copyFinding(known: Held, { document, arrivedMs = 0, origin }: Held, hash: string): SinkFinding | undefined {
  // Whoever sends to a file may send again: nothing there keeps it from standing twice.
  if (!document || !known.document) return undefined;
  const tell = (severity: SinkFinding['severity'], what: string): SinkFinding => ({ kind: 'document', severity, what });
  if (document.id !== hash || known.document.id !== hash) {
    return tell(
      'error',
      'stands twice, once under an id that is not its own: put there again by another than the indexer',
    );
  }
  if (document.index === known.document.index) return tell('error', 'was given twice by Elasticsearch');
  const where = `stands twice, in ${known.document.index} and ${document.index}`;
  const apart = Math.abs(arrivedMs - (known.arrivedMs ?? 0));
  if (apart <= SENT_AGAIN_MS || origin?.principal === ARCHIVE || known.origin?.principal === ARCHIVE) {
    return tell('notice', `${where}: sent again when it was not known whether it had come`);
  }
  return tell('error', `${where}, and came again after ${Math.round(apart / 60_000)} minutes: replayed`);
}

/** Where a document says another service or host than the record that opened the stream, which the chain covers. */
function otherThanChained(line: string | undefined, origin: Origin): string | undefined {
  const { eventName, body, attributes } = parseRecord(line ?? '');
  const resource = body?.resource;
  if (eventName !== 'audit.stream.opened' || attributes[ATTR_AUDIT_SEQUENCE_NUMBER] !== 1) return undefined;
  if (typeof resource !== 'object' || Array.isArray(resource)) return undefined;
  for (const [name, said] of [
    ['service.name', origin.service],
    ['host.name', origin.host],
  ] as const) {
    const chained = resource[name];
    if (chained !== undefined && chained !== said) {
      return `its document says ${name} ${said}, the record itself ${String(chained)}`;
    }
  }
  return undefined;
}
