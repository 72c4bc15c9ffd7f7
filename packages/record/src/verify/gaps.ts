import { follows, type Link, type Tip } from './link.js';

/** A place where records are missing, or where one record is not what the next was chained to. */
export interface Gap {
  /** The record before it; moves on as records that belong here turn up later. */
  left: Tip;
  /** The record after it. */
  readonly right: Link;
  /** The number of the first record that turned up later. */
  movedFrom: number | undefined;
}

/** More open gaps than this in one stream: the oldest is settled, and what turns up later for it is told as added. */
const MAX_GAPS = 64;

/** The gaps of one stream, until it is known whether what is missing turns up elsewhere. */
export class Gaps {
  #gaps: Gap[] = [];

  /** Returns the gap that has to be settled now to make room. */
  open(left: Tip, right: Link): Gap | undefined {
    this.#gaps.push({ left, right, movedFrom: undefined });
    // The beginning stays: whether it went by right is known only at the very end.
    return this.#gaps.length > MAX_GAPS ? this.#gaps.splice(this.#gaps[0]?.left.number === 0 ? 1 : 0, 1)[0] : undefined;
  }

  /** The gap that `link` belongs at the left end of. */
  placeFor(link: Link): Gap | undefined {
    return this.#gaps.find(({ left, right }) => link.number < right.number && follows(left, link));
  }

  /** Puts records `first` to `tip` into their place; returns the gap if that closes it. */
  fill(gap: Gap, first: Link, tip: Link): Gap | undefined {
    gap.movedFrom ??= first.number;
    gap.left = tip;
    if (!follows(tip, gap.right)) return undefined;
    this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    return gap;
  }

  /** Takes out the gaps that are still open, but for the one at the beginning unless `all`. */
  settle(all: boolean): Gap[] {
    const isKept = ({ left, movedFrom }: Gap) => !all && left.number === 0 && movedFrom === undefined;
    const settled = this.#gaps.filter((gap) => !isKept(gap));
    this.#gaps = this.#gaps.filter(isKept);
    return settled;
  }
}
