/** Records that could not be kept, until that is on the chain. */
export class Losses {
  readonly #byReason = new Map<string, number>();
  #count = 0;
  #total = 0;
  #since: Date | undefined;
  #until: Date | undefined;

  /** Records since the last report. */
  get count(): number {
    return this.#count;
  }

  /** Records since the start. */
  get total(): number {
    return this.#total;
  }

  /** @param reason code of the error, e.g. `ENOSPC`. */
  add(reason: string, records = 1): void {
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + records);
    this.#count += records;
    this.#total += records;
    this.#until = new Date();
    this.#since ??= this.#until;
  }

  /** The body of `audit.records.lost`. */
  body(): Readonly<Record<string, unknown>> {
    const reasons = [...this.#byReason].map(([reason, records]) => ({ reason, records }));
    return { records: this.#count, reasons, since: this.#since, until: this.#until };
  }

  /** What has been counted up to now is on the chain. */
  told(): void {
    this.#byReason.clear();
    this.#count = 0;
    this.#since = undefined;
    this.#until = undefined;
  }
}
