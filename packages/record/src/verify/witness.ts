import type { StreamTip } from '../tips.js';
import type { Tip } from './link.js';
import type { StreamFindings } from './stream-findings.js';

/** What says that a stream reached a record. */
export interface ClaimSource {
  /** As the beginning of a sentence: `stream X names`, `checkpoint 3 of stream X commits`. */
  readonly by: string;
  /** The stream that says so, */
  readonly streamId: string;
  /** and how many records it had then. */
  readonly number: number;
  /** Whether it came so lately that what it names may still be on its way. */
  readonly recent?: boolean | undefined;
}

/** That a stream reached a record, as something outside of it says. */
interface Claim {
  readonly tip: StreamTip;
  readonly source: ClaimSource;
  /** Whether the stream has that very record; `undefined` until it is seen. */
  isThere: boolean | undefined;
}

/** What is said of one stream elsewhere, by records of other streams and by checkpoints, held against what is seen of it. */
export class Witness {
  readonly #findings: StreamFindings;
  /** The furthest claim of all. A record's hash commits to all before it, so it says what the others do. */
  #named: Claim | undefined;
  /** The furthest claim of those that came lately. */
  #recent: Claim | undefined;
  /** The furthest claim that a signature vouches for. */
  #vouched: Claim | undefined;
  /** What is gone by right, and what says so. */
  #retired: { readonly tip: StreamTip; readonly by: string } | undefined;

  constructor(findings: StreamFindings) {
    this.#findings = findings;
  }

  /** How much of the beginning is gone by right: number of the record. */
  get retired(): number {
    return this.#retired?.tip.number ?? 0;
  }

  /** How far a signature is said to vouch: number of the record. */
  get vouched(): number {
    return this.#vouched?.tip.number ?? 0;
  }

  /** What vouches for as much, as part of a sentence. */
  get voucher(): string | undefined {
    return this.#vouched && `${this.#vouched.source.by} record ${this.#vouched.tip.number}`;
  }

  /** How far a signature vouches for what is there: number of the record. */
  get proven(): number {
    return this.#vouched?.isThere ? this.#vouched.tip.number : 0;
  }

  /** That this stream, now seen up to `current`, reached `tip`. */
  name(tip: StreamTip, source: ClaimSource, current: Tip): void {
    const known = source.recent ? this.#recent : this.#named;
    if (known && known.tip.number >= tip.number) return;
    const claim: Claim = { tip, source, isThere: undefined };
    if (source.recent) this.#recent = claim;
    else this.#named = claim;
    this.see(current);
  }

  /** The same, where a signature vouches for its being said. */
  vouch(tip: StreamTip, source: ClaimSource, current: Tip): void {
    this.name(tip, source, current);
    if (this.vouched >= tip.number) return;
    this.#vouched = { tip, source, isThere: undefined };
    this.see(current);
  }

  /**
   * The beginning of this stream was removed through `tip`.
   *
   * @param by what says so, and what vouches for that, as part of a sentence.
   */
  retire(tip: StreamTip, by: string): void {
    if (this.retired < tip.number) this.#retired = { tip, by };
  }

  /** The stream came to `current`. */
  see(current: Tip): void {
    for (const claim of [this.#named, this.#recent, this.#vouched]) {
      if (claim?.tip.number === current.number) claim.isThere = claim.tip.hash === current.hash;
    }
  }

  /** Whether records 1 to `number`, the last one with `hash`, are gone by right; tells it if so. */
  tellsRetired(number: number, hash: string | undefined): boolean {
    if (!this.#retired) return false;
    const { tip, by } = this.#retired;
    if (tip.number < number) return false;
    if (tip.number === number && tip.hash !== undefined && tip.hash !== hash) return false;
    this.#findings.tell('removed', 1, `pruned up to record ${number} by retention, ${by}`, number, 'notice');
    return true;
  }

  /**
   * The stream was seen whole, up to `end`.
   *
   * @param mustBeThere whether a stream that is named has to be there, by who names it.
   */
  judge(end: Tip, mustBeThere: (source: ClaimSource) => boolean): void {
    for (const claim of [this.#vouched, this.#named, this.#recent]) {
      if (claim?.isThere === false)
        this.#findings.tellChanged(claim.tip.number, `not the record that ${claim.source.by}`);
    }
    this.#judgeReach(end, mustBeThere);
    const onItsWay = this.#recent;
    const from = Math.max(end.number, this.#named?.tip.number ?? 0) + 1;
    if (!onItsWay || onItsWay.tip.number < from) return;
    const { tip, source } = onItsWay;
    this.#findings.tell(
      'removed',
      from,
      `not there yet, though ${source.by} record ${tip.number}`,
      tip.number,
      'notice',
    );
  }

  #judgeReach(end: Tip, mustBeThere: (source: ClaimSource) => boolean): void {
    if (!this.#named) return;
    const { tip, source } = this.#named;
    const { by } = source;
    if (tip.number <= end.number) return;
    if (end.number > 0) {
      this.#findings.tell('removed', end.number + 1, `missing, though ${by} record ${tip.number}`, tip.number);
    } else if (!this.tellsRetired(tip.number, tip.hash)) {
      const what = `missing, and with it the whole stream, which ${by}`;
      this.#findings.tell('removed', 1, what, tip.number, mustBeThere(source) ? 'error' : 'notice');
    }
  }

  /** Tells which of the records up to `end` no signature vouches for, if any. Returns how many. */
  tellUnsigned(end: Tip, isEnded: boolean): number {
    const { proven, vouched } = this;
    const count = Math.max(0, end.number - proven);
    // Where what is vouched for is not there, that has been told.
    if (count === 0 || vouched > end.number || this.#vouched?.isThere === false) return count;
    const tell = (what: string, severity: 'error' | 'notice') => {
      this.#findings.tell('unsigned', proven + 1, what, end.number, severity);
    };
    if (proven === 0) tell('no checkpoint vouches for any record of this stream', 'error');
    else if (isEnded) tell('no checkpoint vouches for the end of this stream, though it is closed', 'error');
    else tell('no checkpoint vouches for them yet; they are later than the last one', 'notice');
    return count;
  }
}
