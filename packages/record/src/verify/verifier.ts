import type { PublicKey } from '../checkpoint/public-key.js';
import type { VerifySignature } from '../checkpoint/verify-signature.js';
import { type Sha256, sha256Hex } from '../sha256.js';
import type { StreamTip, Testimony } from '../tips.js';
import { CheckpointBook } from './checkpoint-book.js';
import { Findings, type Report } from './finding.js';
import { at, isWhole, type LinePlace } from './line-place.js';
import { createLineReader, type LineRead, type VerifierLine } from './line-reader.js';
import type { Link } from './link.js';
import { RecordWindow } from './record-window.js';
import type { Twin } from './seen-records.js';
import { StreamCheck } from './stream-check.js';
import type { ClaimSource } from './witness.js';

/** How to verify. */
export interface VerifierOptions {
  /** Default: {@link sha256Hex}. On Node pass `(text) => crypto.hash('sha256', text)`, which is much faster. */
  readonly sha256?: Sha256 | undefined;
  /**
   * Whether all streams are fed that belong together, as those of one journal. Then a stream that another one names and
   * that is not there at all is an error; otherwise, as for a single file, a notice. Default `true`.
   */
  readonly complete?: boolean | undefined;
  /**
   * Streams of which only the beginning is fed, as of an archive, and the number of its last record: what tells of later
   * ones is passed over. Default: none.
   */
  readonly reach?: ReadonlyMap<string, number> | undefined;
  /**
   * The key that checkpoints must be signed by, from elsewhere than the records are from; or several, any of which will
   * do. Then checkpoints have to vouch for the records. Default: signatures are not looked at.
   */
  readonly publicKey?: PublicKey | readonly PublicKey[] | undefined;
  /** Default: Node.js' own, where it is. Needed only with `publicKey`. */
  readonly verifySignature?: VerifySignature | undefined;
}

/** Verifies streams and checkpoints while their lines are read. Nothing that it is fed makes it throw. */
export interface Verifier {
  /** Takes in the next line of a source. Sources may be interleaved, and a source may hold several streams. */
  push(line: VerifierLine): void;
  /** The same for a line that {@link createLineReader} made this of. */
  take(place: LinePlace, read: LineRead): void;
  /**
   * Takes note of what a record says of other streams before it is itself taken in: for sources that give streams in any
   * order.
   */
  announce(place: LinePlace, read: LineRead): void;
  /**
   * A short cut for what nearly every line is, where only the chain is verified: the next record of a source that holds one
   * stream alone, which says nothing of others and does not end its own.
   *
   * @param number its number.
   * @param previous the hash that the record before has to have.
   * @returns whether it was that, and is taken in; otherwise {@link Verifier.take} it.
   */
  follow(stream: string, number: number, previous: string | undefined, hash: string): boolean;
  /** The source has no more lines: what was left open in it is judged, and the memory for it given back. */
  endOfStream(stream: string): void;
  /** All was fed. */
  finish(): Report;
}

/**
 * A verifier for any number of streams. Its memory grows with their number, not with that of their records.
 *
 * Feed all checkpoints first, then the streams of a journal newest first: only then are all tips known that checkpoints
 * and newer streams name, before the records come that they name; and a journal that is being written to shows no stream
 * shorter than they say. A checkpoint that comes later is compared only with the last record before it.
 *
 * @throws {PublicKeyError} when a key is none.
 * @throws {TypeError} when there is a key, and nothing to verify signatures with.
 */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  return new StreamingVerifier(options);
}

/** What a source was found to hold. */
interface Source {
  readonly checks: Set<StreamCheck>;
  /** The stream of its last record. */
  current: StreamCheck | undefined;
  /** Lines that are no records, before it is known of which stream they could be. */
  unreadable: number;
}

class StreamingVerifier implements Verifier {
  readonly #read: (line: VerifierLine) => LineRead;
  readonly #isComplete: boolean;
  readonly #reach: ReadonlyMap<string, number>;
  readonly #findings = new Findings();
  readonly #window = new RecordWindow();
  readonly #checks = new Map<string, StreamCheck>();
  readonly #sources = new Map<string, Source>();
  readonly #book: CheckpointBook;
  #records = 0;

  constructor(options: VerifierOptions) {
    const { sha256 = sha256Hex, complete = true, reach = new Map(), publicKey, verifySignature } = options;
    this.#read = createLineReader(sha256);
    this.#isComplete = complete;
    this.#reach = reach;
    const trust = publicKey === undefined ? undefined : { publicKey, verifySignature };
    this.#book = new CheckpointBook(this.#findings, sha256, trust, (tip, source, isSigned) => {
      this.#expect(tip, source, isSigned);
    });
  }

  push(line: VerifierLine): void {
    // Nothing is there that could have been cut off.
    if (line.line?.length === 0 && !line.terminated && line.holds !== 'checkpoints') return;
    this.take(line, this.#read(line));
  }

  take(place: LinePlace, { link, testimony, record, reason = 'it says nothing of its place' }: LineRead): void {
    if (place.holds === 'checkpoints' || record) {
      this.#book.take(record ?? reason, place);
      return;
    }
    const source = this.#sourceOf(place);
    if (link) {
      this.#records++;
      this.#place(place, source, link);
      if (testimony) this.#hear(link, testimony, place.recent);
    } else if (isWhole(place)) this.#tellUnreadable(place, source, reason);
    else this.#tellTorn(place, source.current, 'the last line was not written to its end');
  }

  announce({ recent }: LinePlace, { link, testimony }: LineRead): void {
    if (link && testimony) this.#hear(link, testimony, recent);
  }

  follow(stream: string, number: number, previous: string | undefined, hash: string): boolean {
    const source = this.#sources.get(stream);
    if (source?.current?.id !== stream || source.unreadable > 0) return false;
    if (!source.current.follow(number, previous, hash)) return false;
    this.#records++;
    return true;
  }

  endOfStream(stream: string): void {
    for (const check of this.#sources.get(stream)?.checks ?? []) check.settle();
    this.#sources.delete(stream);
    this.#book.end(stream);
  }

  finish(): Report {
    for (const stream of [...this.#sources.keys()]) this.endOfStream(stream);
    let streams = 0;
    let unsigned = 0;
    // A checkpoint outlives the records from before it: when these went by retention, what it names may have gone before,
    // and the record of that with them.
    const mustBeThere = ({ streamId, number }: ClaimSource) =>
      this.#isComplete && number > (this.#checks.get(streamId)?.retired ?? 0);
    for (const check of this.#checks.values()) {
      unsigned += check.finish(mustBeThere, this.#book.isStrict);
      if (check.isSeen) streams++;
    }
    const { isStrict, count: checkpoints, keyIds } = this.#book;
    const records = this.#records;
    return this.#findings.report({ streams, records, unsigned: isStrict ? unsigned : records, checkpoints, keyIds });
  }

  #place(line: LinePlace, source: Source, link: Link): void {
    // Where only the chain is read, records have no ids.
    const twin = link.recordId === '' ? undefined : this.#window.see(link);
    const isKnown = twin?.isSame === true;
    if (twin && !isKnown) this.#tellSharedId(link, twin);
    const { current } = source;
    // What follows the chain of its source, and yet says to be of another stream, was changed to say so.
    if (current && link.streamId !== current.id && current.isNext(link) && !this.#checks.get(link.streamId)?.isSeen) {
      current.add(link, isKnown, 'calls itself a record of another stream');
      return;
    }
    if (line.exclusive && link.streamId !== line.stream) {
      const message = `a record of another stream, ${link.streamId}, stands here${at(line)}`;
      this.#findings.add({ stream: line.stream, kind: 'added', severity: 'error', message });
      return;
    }
    const check = this.#checkOf(link.streamId);
    source.checks.add(check);
    source.current = check;
    for (; source.unreadable > 0; source.unreadable--) check.addUnreadable();
    if (line.terminated) check.add(link, isKnown);
    else {
      this.#tellTorn(line, check, 'the last line has no newline, though its record is whole');
      check.addUnended(link, isKnown);
    }
  }

  /** Takes note of what a record says of other streams. */
  #hear({ streamId, number }: Link, { tips, removed, grounds }: Testimony, recent: boolean | undefined): void {
    // Who vouches for a record vouches for what it says.
    const { vouched, voucher } = this.#checkOf(streamId);
    const isSigned = vouched >= number;
    const source = { by: `stream ${streamId} names`, streamId, number, recent };
    for (const tip of tips) this.#expect(tip, source, isSigned);
    for (const { tip, by } of grounds ?? []) this.#checkOf(tip.streamId).retire(tip, by);
    // Whoever cuts off a beginning could put in a record that says that it went by right.
    if (this.#book.isStrict && !isSigned) return;
    const by = `as record ${number} of stream ${streamId} says`;
    const proof = isSigned && voucher ? `, proven: ${voucher}` : '';
    for (const tip of removed) this.#checkOf(tip.streamId).retire(tip, by + proof);
  }

  #expect(tip: StreamTip, source: ClaimSource, isSigned: boolean): void {
    if (tip.number > (this.#reach.get(tip.streamId) ?? Number.POSITIVE_INFINITY)) return;
    this.#checkOf(tip.streamId).expect(tip, source, isSigned);
  }

  #tellSharedId(link: Link, twin: Twin): void {
    const message = `record ${link.number}: has the audit.record.id of record ${twin.number} of stream ${twin.streamId}`;
    this.#findings.add({
      stream: link.streamId,
      number: link.number,
      kind: 'duplicated',
      severity: 'error',
      message: `${message}, and other content`,
    });
  }

  #tellUnreadable(line: LinePlace, source: Source, reason: string): void {
    const { current } = source;
    if (!current) source.unreadable++;
    this.#findings.add({
      stream: current?.id ?? line.stream,
      ...(current && { number: current.addUnreadable() }),
      kind: 'malformed',
      severity: 'error',
      message: `a line is not a record: ${reason}${at(line)}`,
    });
  }

  #tellTorn(line: LinePlace, check: StreamCheck | undefined, what: string): void {
    // Who closes a stream writes nothing more.
    const isFalse = check?.isEnded === true;
    this.#findings.add({
      stream: check?.id ?? line.stream,
      kind: isFalse ? 'malformed' : 'torn',
      severity: isFalse ? 'error' : 'notice',
      message: `${what}${isFalse ? ', after the record that ended the stream' : ''}${at(line)}`,
    });
  }

  #sourceOf({ stream, exclusive }: LinePlace): Source {
    let source = this.#sources.get(stream);
    if (!source) {
      source = { checks: new Set(), current: exclusive ? this.#checkOf(stream) : undefined, unreadable: 0 };
      if (source.current) source.checks.add(source.current);
      this.#sources.set(stream, source);
    }
    return source;
  }

  #checkOf(streamId: string): StreamCheck {
    let check = this.#checks.get(streamId);
    if (!check) {
      check = new StreamCheck(streamId, this.#findings, () => this.#window.forgetful);
      this.#checks.set(streamId, check);
    }
    return check;
  }
}
