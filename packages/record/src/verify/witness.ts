import type { StreamTip } from '../tips.js';
import type { Tip } from './link.js';
import type { StreamFindings } from './stream-findings.js';

/** What the records of other streams say of one stream, held against what is seen of it. */
export class Witness {
  readonly #findings: StreamFindings;
  /** The furthest record that is named, by which stream, and whether the stream has that very record. */
  #named: { readonly tip: StreamTip; readonly by: string; isThere: boolean | undefined } | undefined;
  /** What is gone by right. */
  #retired: StreamTip | undefined;

  constructor(findings: StreamFindings) {
    this.#findings = findings;
  }

  /** Stream `by` says that this one, now seen up to `current`, reached `tip`. */
  name(tip: StreamTip, by: string, current: Tip): void {
    // A record's hash commits to all before it, so the furthest one says it all.
    if (this.#named && this.#named.tip.number >= tip.number) return;
    this.#named = { tip, by, isThere: undefined };
    this.see(current);
  }

  /** The beginning of this stream was removed through `tip`. */
  retire(tip: StreamTip): void {
    if (!this.#retired || this.#retired.number < tip.number) this.#retired = tip;
  }

  /** The stream came to `current`. */
  see(current: Tip): void {
    const named = this.#named;
    if (named?.tip.number === current.number) named.isThere = named.tip.hash === current.hash;
  }

  /** Whether records 1 to `number`, the last one with `hash`, are gone by right; tells it if so. */
  tellsRetired(number: number, hash: string | undefined): boolean {
    const retired = this.#retired;
    if (!retired || retired.number < number) return false;
    if (retired.number === number && retired.hash !== undefined && retired.hash !== hash) return false;
    this.#findings.tell('removed', 1, 'removed by retention, as is on record', number, 'notice');
    return true;
  }

  /**
   * The stream was seen whole, up to `end`.
   *
   * @param isComplete whether a stream that is named has to be there.
   */
  judge(end: Tip, isComplete: boolean): void {
    if (!this.#named) return;
    const { tip, by, isThere } = this.#named;
    if (isThere === false) this.#findings.tellChanged(tip.number, `not the record that stream ${by} names`);
    if (tip.number <= end.number) return;
    if (end.number > 0) {
      this.#findings.tell(
        'removed',
        end.number + 1,
        `missing, though stream ${by} names record ${tip.number}`,
        tip.number,
      );
    } else if (!this.tellsRetired(tip.number, tip.hash)) {
      const what = `missing, and with it the whole stream, which stream ${by} names`;
      this.#findings.tell('removed', 1, what, tip.number, isComplete ? 'error' : 'notice');
    }
  }
}
