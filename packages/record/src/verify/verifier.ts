import { MAX_RECORD_BYTES } from '../canonical.js';
import { isCheckpointRecord } from '../checkpoint/checkpoint-record.js';
import type { PublicKey } from '../checkpoint/public-key.js';
import type { VerifySignature } from '../checkpoint/verify-signature.js';
import { RecordFormatError } from '../errors.js';
import type { AuditRecord } from '../model.js';
import { parseRecord } from '../parse.js';
import { type Sha256, sha256Hex } from '../sha256.js';
import { type StreamTip, testimony } from '../tips.js';
import { decodeUtf8 } from '../utf8.js';
import { CheckpointBook } from './checkpoint-book.js';
import { Findings, type Report } from './finding.js';
import { at, isWhole, type LinePlace } from './line-place.js';
import { type Link, linkOf } from './link.js';
import { RecordWindow } from './record-window.js';
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

/** One line, as whoever reads the files hands it over. */
export interface VerifierLine extends LinePlace {
  /** Without its newline; at least the first 256 KiB and a byte of one that is longer. */
  readonly line?: string | Uint8Array | undefined;
}

/** Verifies streams and checkpoints while their lines are read. Nothing that it is fed makes it throw. */
export interface Verifier {
  /** Takes in the next line of a source. Sources may be interleaved, and a source may hold several streams. */
  push(line: VerifierLine): void;
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

/** A line that is a record. */
interface Read {
  readonly record: AuditRecord;
  /** Absent where it carries a checkpoint. */
  readonly link: Link | undefined;
}

/** What a source was found to hold. */
interface Source {
  readonly checks: Set<StreamCheck>;
  /** The stream of its last record. */
  current: StreamCheck | undefined;
  /** Lines that are no records, before it is known of which stream they could be. */
  unreadable: number;
}

const DEFECTS = {
  'invalid-utf8': 'not UTF-8',
  'too-long': 'longer than 256 KiB',
  unreadable: 'it cannot be read',
};

class StreamingVerifier implements Verifier {
  readonly #sha256: Sha256;
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
    this.#sha256 = sha256;
    this.#isComplete = complete;
    this.#reach = reach;
    const trust = publicKey === undefined ? undefined : { publicKey, verifySignature };
    this.#book = new CheckpointBook(this.#findings, sha256, trust, (tip, source, isSigned) => {
      this.#expect(tip, source, isSigned);
    });
  }

  push(line: VerifierLine): void {
    const read = this.#read(line);
    if (line.holds === 'checkpoints' || (typeof read !== 'string' && read.link === undefined)) {
      this.#book.take(typeof read === 'string' ? read : read.record, line);
      return;
    }
    const source = this.#sourceOf(line);
    if (typeof read !== 'string') {
      this.#records++;
      this.#place(line, source, read.link!);
      this.#hear(read.link!, read.record);
    } else if (isWhole(line)) {
      this.#tellUnreadable(line, source, read);
    } else if (line.line?.length !== 0)
      this.#tellTorn(line, source.current, 'the last line was not written to its end');
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

  /** The record, with its place in a chain unless it carries a checkpoint; or why the line is none. */
  #read({ line, defect }: VerifierLine): Read | string {
    if (line === undefined) return DEFECTS[defect ?? 'unreadable'];
    if (line.length > MAX_RECORD_BYTES) return DEFECTS['too-long'];
    const text = typeof line === 'string' ? line : decodeUtf8(line);
    if (text === undefined) return DEFECTS['invalid-utf8'];
    try {
      const record = parseRecord(text);
      return { record, link: isCheckpointRecord(record) ? undefined : linkOf(text, record, this.#sha256) };
    } catch (error) {
      if (error instanceof RecordFormatError) return error.reason;
      throw error;
    }
  }

  #place(line: VerifierLine, source: Source, link: Link): void {
    const twin = this.#window.see(link);
    const isKnown = twin?.hash === link.hash && twin.streamId === link.streamId;
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
  #hear({ streamId, number }: Link, record: AuditRecord): void {
    const { tips, removed } = testimony(record);
    if (tips.length === 0 && removed.length === 0) return;
    // Who vouches for a record vouches for what it says.
    const { vouched, voucher } = this.#checkOf(streamId);
    const isSigned = vouched >= number;
    for (const tip of tips) this.#expect(tip, { by: `stream ${streamId} names`, streamId, number }, isSigned);
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

  #tellSharedId(link: Link, twin: Link): void {
    const message = `record ${link.number}: has the audit.record.id of record ${twin.number} of stream ${twin.streamId}`;
    this.#findings.add({
      stream: link.streamId,
      number: link.number,
      kind: 'duplicated',
      severity: 'error',
      message: `${message}, and other content`,
    });
  }

  #tellUnreadable(line: VerifierLine, source: Source, reason: string): void {
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

  #tellTorn(line: VerifierLine, check: StreamCheck | undefined, what: string): void {
    // Who closes a stream writes nothing more.
    const isFalse = check?.isEnded === true;
    this.#findings.add({
      stream: check?.id ?? line.stream,
      kind: isFalse ? 'malformed' : 'torn',
      severity: isFalse ? 'error' : 'notice',
      message: `${what}${isFalse ? ', after the record that ended the stream' : ''}${at(line)}`,
    });
  }

  #sourceOf({ stream, exclusive }: VerifierLine): Source {
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
