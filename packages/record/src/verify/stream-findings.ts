import type { Finding, FindingKind, Findings } from './finding.js';

/** Words what is found about the records of one stream. */
export class StreamFindings {
  readonly #stream: string;
  readonly #findings: Findings;
  /** The number of the record last told as changed. */
  #changed = 0;
  /** Records that stand twice, one after the other, and are not told yet. */
  #repeated: { readonly from: number; to: number } | undefined;

  constructor(stream: string, findings: Findings) {
    this.#stream = stream;
    this.#findings = findings;
  }

  /** @param last the last record, where it is about several in a row. */
  tell(kind: FindingKind, number: number, what: string, last = number, severity: Finding['severity'] = 'error'): void {
    const isRange = last > number;
    this.#findings.add({
      stream: this.#stream,
      number,
      ...(isRange ? { lastNumber: last } : undefined),
      kind,
      severity,
      message: `${isRange ? `records ${number} to ${last}` : `record ${number}`}: ${what}`,
    });
  }

  /** One change can show in several ways: tells it once. */
  tellChanged(number: number, what: string): void {
    if (number === this.#changed) return;
    this.#changed = number;
    this.tell('changed', number, what);
  }

  /** A record that was seen before came again. */
  repeat(number: number): void {
    if (this.#repeated?.to === number - 1) this.#repeated.to = number;
    else {
      this.tellRepeated();
      this.#repeated = { from: number, to: number };
    }
  }

  tellRepeated(): void {
    if (this.#repeated) this.tell('duplicated', this.#repeated.from, 'found twice', this.#repeated.to);
    this.#repeated = undefined;
  }
}
