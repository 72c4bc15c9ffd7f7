import type { StreamTip } from '../tips.js';
import type { Findings } from './finding.js';
import { type Gap, Gaps } from './gaps.js';
import { follows, type Link, type Tip } from './link.js';
import { StreamFindings } from './stream-findings.js';
import { type ClaimSource, Witness } from './witness.js';

/** Records that follow one another, but not the chain as it was known when they came. */
interface Branch {
  readonly first: Link;
  tip: Link;
  /** Lines before it that are no records. */
  readonly unreadable: number;
  /** What its first record says wrongly of itself, though it follows the chain. */
  readonly misstatement: string | undefined;
  /** The chain went on without it: it stands out of its place. */
  passed: boolean;
  /** Its last record, and so all of them, were seen before. */
  isCopy: boolean;
}

/** More branches than this at one time: the oldest is told as added. */
const MAX_BRANCHES = 16;

const START: Tip = { number: 0, hash: undefined };

/**
 * Follows one stream's chain. A record that does not follow is not judged at once: it starts a branch, and what comes
 * next decides. If the chain goes on without it, the branch was put there, or moved there; if the branch goes on, the
 * chain broke there: the record before was changed, or records were removed, unless they turn up later. Memory does not
 * grow with the number of records.
 */
export class StreamCheck {
  readonly id: string;
  readonly #findings: StreamFindings;
  readonly #witness: Witness;
  readonly #isForgetful: () => boolean;
  #tip: Tip = START;
  #ended = false;
  #branches: Branch[] = [];
  readonly #gaps = new Gaps();
  /** Lines since the last record that are no records. */
  #unreadable = 0;
  /** What the chain was before a last line without a newline, which its writer may have written anew. */
  #beforeUnended: { readonly tip: Tip; readonly ended: boolean } | undefined;

  /** @param isForgetful whether a record that was seen long ago may not be known any more. */
  constructor(id: string, findings: Findings, isForgetful: () => boolean) {
    this.id = id;
    this.#findings = new StreamFindings(id, findings);
    this.#witness = new Witness(this.#findings);
    this.#isForgetful = isForgetful;
  }

  /** Whether a record was seen. */
  get isSeen(): boolean {
    return this.#tip.number > 0 || this.#branches.length > 0;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Whether `link` comes next. */
  isNext(link: Link): boolean {
    return follows(this.#tip, link);
  }

  /**
   * Takes in the next record.
   *
   * @param isKnown whether the very same record was seen before.
   * @param misstatement what it says wrongly of itself, though it follows the chain.
   */
  add(link: Link, isKnown: boolean, misstatement?: string): void {
    if (this.#isWrittenAnew(link)) return;
    const gap = this.#gaps.placeFor(link);
    const branch = this.#branches.find(({ tip }) => follows(tip, link));
    if (this.isNext(link)) this.#extend(link, misstatement);
    else if (gap) this.#fill(gap, link, link);
    else if (branch) this.#extendBranch(branch, link, isKnown);
    else if (isKnown || link.hash === this.#tip.hash) this.#findings.repeat(link.number);
    else this.#branchOff(link);
  }

  /** Takes in a record of which only its place is known, if it comes next and nothing is open. Returns whether it does. */
  follow(number: number, previous: string | undefined, hash: string): boolean {
    const isOpen = this.#ended || this.#beforeUnended !== undefined || this.#branches.length > 0;
    if (isOpen || number !== this.#tip.number + 1 || previous !== this.#tip.hash) return false;
    this.#moveTo({ number, hash, end: false });
    return true;
  }

  /** Takes in a record whose line has no newline: its writer may have died, or have written it anew elsewhere. */
  addUnended(link: Link, isKnown: boolean): void {
    const before = { tip: this.#tip, ended: this.#ended };
    const isNext = this.isNext(link);
    this.add(link, isKnown);
    if (isNext) this.#beforeUnended = before;
  }

  /** Takes in a line that is no record. Returns the number of the record that it stands in for. */
  addUnreadable(): number {
    const last = this.#branches.at(-1);
    const { number } = last && !last.passed ? last.tip : this.#tip;
    this.#unreadable++;
    return number + this.#unreadable;
  }

  /** How much of its beginning is gone by right: number of the record. */
  get retired(): number {
    return this.#witness.retired;
  }

  /** How far a signature is said to vouch for this stream: number of the record. */
  get vouched(): number {
    return this.#witness.vouched;
  }

  /**
   * That this stream reached `tip`.
   *
   * @param source what says so.
   * @param isSigned whether a signature vouches for that being said.
   */
  expect(tip: StreamTip, source: ClaimSource, isSigned: boolean): void {
    if (isSigned) this.#witness.vouch(tip, source, this.#tip);
    else this.#witness.name(tip, source, this.#tip);
  }

  /** What vouches for as much, as part of a sentence; `undefined` where nothing does. */
  get voucher(): string | undefined {
    return this.#witness.voucher;
  }

  /** This stream's beginning was removed through `tip`, as `by` tells. */
  retire(tip: StreamTip, by: string): void {
    this.#witness.retire(tip, by);
  }

  /** Nothing of this stream comes for now: judges what was left open. */
  settle(): void {
    const last = this.#branches.at(-1);
    if (last && this.#isAhead(last)) this.#adopt(last, last.tip.number);
    for (let next = this.#nextBranch(); next; next = this.#nextBranch()) this.#adopt(next, next.tip.number);
    for (const branch of this.#branches) this.#drop(branch);
    this.#findings.tellRepeated();
    for (const gap of this.#gaps.settle(false)) this.#tellGap(gap);
    this.#beforeUnended = undefined;
  }

  /**
   * Nothing comes any more, of any stream.
   *
   * @param mustBeThere whether a stream that is named has to be there, by who names it.
   * @param isSigned whether checkpoints have to vouch for the records.
   * @returns how many records no checkpoint vouches for, where they have to.
   */
  finish(mustBeThere: (source: ClaimSource) => boolean, isSigned: boolean): number {
    this.settle();
    for (const gap of this.#gaps.settle(true)) this.#tellGap(gap);
    this.#witness.judge(this.#tip, mustBeThere);
    if (!this.isSeen) return 0;
    const unsigned = isSigned ? this.#witness.tellUnsigned(this.#tip, this.#ended) : 0;
    if (!this.#ended) {
      const what = 'the last one, yet it does not end the stream: that is still written to, or its process was killed';
      this.#findings.tell('not_closed', this.#tip.number, what, this.#tip.number, 'notice');
    }
    return unsigned;
  }

  /** Whether `link` is the last one, which had no newline, once more; another one in its place takes its place. */
  #isWrittenAnew(link: Link): boolean {
    const before = this.#beforeUnended;
    this.#beforeUnended = undefined;
    if (!before || !follows(before.tip, link)) return false;
    if (link.hash === this.#tip.hash) return true;
    this.#tip = before.tip;
    this.#ended = before.ended;
    return false;
  }

  #extend(link: Link, misstatement: string | undefined): void {
    if (this.#ended) this.#findings.tell('added', link.number, 'found after the record that ended the stream');
    if (misstatement) this.#findings.tellChanged(link.number, misstatement);
    this.#moveTo(link);
    const twin = this.#branches.find(({ first }) => first.hash === link.hash);
    if (!twin) return;
    twin.isCopy = true;
    this.#drop(twin);
  }

  #moveTo(link: Pick<Link, 'number' | 'hash' | 'end'>): void {
    this.#tip = link;
    this.#ended ||= link.end;
    this.#unreadable = 0;
    for (const branch of this.#branches) branch.passed = true;
    this.#witness.see(link);
  }

  #branchOff(link: Link): void {
    const last = this.#branches.at(-1);
    // Two in a row that follow nothing, with rising numbers: the chain has a hole before each.
    if (last && this.#isAhead(last) && link.number > last.tip.number) this.#adopt(last, last.tip.number);
    const isRenumbered = link.previous !== undefined && link.previous === this.#tip.hash;
    const first = isRenumbered ? { ...link, number: this.#tip.number + 1 } : link;
    const misstatement = isRenumbered ? `calls itself record ${link.number}` : undefined;
    const unreadable = this.#unreadable;
    this.#branches.push({ first, tip: first, unreadable, misstatement, passed: false, isCopy: false });
    this.#unreadable = 0;
    if (this.#branches.length > MAX_BRANCHES) this.#drop(this.#branches[0]!);
  }

  /** Whether the chain may go on with `branch`, since nothing came after it that goes on without it. */
  #isAhead({ first, passed }: Branch): boolean {
    return !passed && first.number > this.#tip.number;
  }

  #extendBranch(branch: Branch, link: Link, isKnown: boolean): void {
    const lastBefore = branch.tip.number;
    branch.tip = link;
    branch.isCopy = isKnown || link.hash === this.#tip.hash;
    if (branch.first.number > this.#tip.number) this.#adopt(branch, lastBefore);
    else if (link.hash === this.#tip.hash) this.#drop(branch);
    else if (link.number > this.#tip.number) {
      // The branch outlived the chain: the records that it replaces are the false ones.
      this.#findings.tell(
        'added',
        branch.first.number,
        'not part of the chain, which has another one here',
        this.#tip.number,
      );
      this.#remove(branch);
      this.#moveTo(link);
    }
  }

  /** Goes on with `branch` as the chain. `lastMoved` is the last record of it that stands out of its place, if any. */
  #adopt(branch: Branch, lastMoved: number): void {
    const { first, tip, misstatement, passed } = branch;
    this.#remove(branch);
    if (misstatement) this.#findings.tellChanged(first.number, misstatement);
    if (!follows(this.#tip, first)) this.#breakBefore(branch);
    else if (passed) this.#findings.tell('moved', first.number, 'out of its place', lastMoved);
    if (this.#ended)
      this.#findings.tell('added', first.number, 'found after the record that ended the stream', tip.number);
    this.#witness.see(first);
    this.#moveTo(tip);
    this.#fillFromBranches();
  }

  #breakBefore({ first, unreadable }: Branch): void {
    const missing = first.number - this.#tip.number - 1;
    if (missing === 0) this.#tellUnlinked(this.#tip.number, first.number);
    // Lines that cannot be read stand in for as many records, and are told already.
    else if (missing > unreadable) {
      const crowdedOut = this.#gaps.open(this.#tip, first);
      if (crowdedOut) this.#tellGap(crowdedOut);
    }
  }

  #fillFromBranches(): void {
    for (const branch of this.#branches) {
      const gap = this.#gaps.placeFor(branch.first);
      if (!gap) continue;
      this.#remove(branch);
      this.#fill(gap, branch.first, branch.tip);
      // What it fills may make the place for another one.
      this.#fillFromBranches();
      return;
    }
  }

  #fill(gap: Gap, first: Link, tip: Link): void {
    const closed = this.#gaps.fill(gap, first, tip);
    if (closed) this.#tellMoved(closed);
  }

  /** A branch that came too early, and whose place is now. */
  #nextBranch(): Branch | undefined {
    return this.#branches.find(({ first }) => follows(this.#tip, first));
  }

  /** Gives up on a branch: it is no part of the chain, or the same part once more. */
  #drop(branch: Branch): void {
    this.#remove(branch);
    const { first, tip, isCopy } = branch;
    if (isCopy) this.#findings.tell('duplicated', first.number, 'found twice', tip.number);
    else if (first.number <= this.#tip.number && this.#isForgetful()) {
      const what = 'found twice, or in two versions, too far apart to compare';
      this.#findings.tell('duplicated', first.number, what, tip.number);
    } else this.#findings.tell('added', first.number, 'not part of the chain', tip.number);
  }

  #remove(branch: Branch): void {
    this.#branches = this.#branches.filter((other) => other !== branch);
  }

  #tellMoved({ movedFrom, left }: Gap): void {
    if (movedFrom !== undefined) this.#findings.tell('moved', movedFrom, 'out of its place', left.number);
  }

  #tellGap(gap: Gap): void {
    const { left, right } = gap;
    this.#tellMoved(gap);
    const from = left.number + 1;
    const to = right.number - 1;
    if (from > to) this.#tellUnlinked(left.number, right.number);
    else if (from > 1 || !this.#witness.tellsRetired(to, right.previous)) {
      this.#findings.tell('removed', from, 'missing', to);
    }
  }

  #tellUnlinked(number: number, next: number): void {
    if (number > 0) this.#findings.tellChanged(number, `not the record that record ${next} was chained to`);
    else this.#findings.tellChanged(1, 'names a record before it, though it is the first');
  }
}
