/** Records that could not be kept, or not for certain, until that is on the chain. */
export class Losses {
  readonly #byReason = new Map<string, number>();
  readonly #unsyncedByReason = new Map<string, number>();
  #count = 0;
  #total = 0;
  #since: Date | undefined;
  #until: Date | undefined;

  /** Records that were lost since the last report. */
  get count(): number {
    return this.#count;
  }

  /** Whether nothing was lost, nor not synced, since the last report. */
  get isEmpty(): boolean {
    return this.#since === undefined;
  }

  /** Records that were lost since the start. */
  get total(): number {
    return this.#total;
  }

  /** @param reason code of the error, e.g. `ENOSPC`. */
  add(reason: string, records = 1): void {
    addTo(this.#byReason, reason, records);
    this.#count += records;
    this.#total += records;
    this.#sawOne();
  }

  /** Records that are written, and of which nobody knows whether they survive the loss of power. */
  addUnsynced(reason: string, records: number): void {
    addTo(this.#unsyncedByReason, reason, records);
    this.#sawOne();
  }

  /** The body of `audit.records.lost`. */
  body(): Readonly<Record<string, unknown>> {
    const unsynced = listed(this.#unsyncedByReason);
    return {
      records: this.#count,
      reasons: listed(this.#byReason),
      unsynced: unsynced.length > 0 ? unsynced : undefined,
      since: this.#since,
      until: this.#until,
    };
  }

  /** What has been counted up to now is on the chain. */
  told(): void {
    this.#byReason.clear();
    this.#unsyncedByReason.clear();
    this.#count = 0;
    this.#since = undefined;
    this.#until = undefined;
  }

  #sawOne(): void {
    this.#until = new Date();
    this.#since ??= this.#until;
  }
}

function addTo(byReason: Map<string, number>, reason: string, records: number): void {
  byReason.set(reason, (byReason.get(reason) ?? 0) + records);
}

function listed(byReason: ReadonlyMap<string, number>): { reason: string; records: number }[] {
  return [...byReason].map(([reason, records]) => ({ reason, records }));
}
