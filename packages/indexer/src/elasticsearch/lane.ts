import { Backoff } from '../backoff.js';
import type { ElasticsearchError } from '../metrics/table.js';
import { type BulkItem, type Cluster, ClusterError } from './cluster.js';
import type { Delivery, Entry } from './delivery.js';
import { NotStoredError } from './delivery.js';
import { hasOurMapping } from './set-up-check.js';
import { type Verdict, verdictOf } from './verdict.js';

/** How documents are sent. */
export interface LaneLimits {
  /** Bytes of a bulk request, unless one document alone is larger. */
  readonly maxBytes: number;
  /** Documents of a bulk request. */
  readonly maxDocuments: number;
  /** Bulk requests at a time. */
  readonly concurrency: number;
}

/** Who hears of what happens in a {@link Lane}. */
export interface LaneListener {
  stored(entry: Entry): void;
  known(entry: Entry): void;
  /** Finds another place for a document that is refused for good; rejects when there is none. */
  refused(entry: Entry, delivery: Delivery, verdict: Verdict & { readonly kind: 'refused' }): Promise<void>;
  failed(error: ElasticsearchError, reason: string): void;
  /** Elasticsearch has carried out a request. */
  works(): void;
  answered(seconds: number): void;
}

interface Part {
  readonly delivery: Delivery;
  readonly entry: Entry;
}

/** Documents on their way into one data stream: gathered into bulk requests, and tried again until they are there. */
export class Lane {
  readonly #cluster: Cluster;
  readonly #stream: string;
  readonly #limits: LaneLimits;
  readonly #listener: LaneListener;
  readonly #deliveries = new Set<Delivery>();
  readonly #backoff = new Backoff();
  #inFlight = 0;
  #isSetUp = false;
  #isStopped = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster, stream: string, limits: LaneLimits, listener: LaneListener) {
    this.#cluster = cluster;
    this.#stream = stream;
    this.#limits = limits;
    this.#listener = listener;
  }

  /** Whether the last request was carried out, and was to a data stream that is set up. */
  get works(): boolean {
    return this.#isSetUp && !this.#backoff.failing;
  }

  /** How many documents have no place yet. */
  get outstanding(): number {
    let count = 0;
    for (const delivery of this.#deliveries) count += delivery.outstanding;
    return count;
  }

  /** Takes documents on. Their delivery tells how it ends. */
  submit(delivery: Delivery): void {
    if (this.#isStopped) delivery.fail(stopping());
    this.#deliveries.add(delivery);
    const forget = () => this.#deliveries.delete(delivery);
    delivery.done.then(forget, forget);
    this.#pump();
  }

  /** Looks whether the data stream is set up, and goes on looking until it is. */
  check(): void {
    void this.#isReady().then((ready) => {
      if (ready) this.#pump();
      else this.#wait();
    });
  }

  /** Gives up all that has no place yet. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#pause);
    for (const delivery of this.#deliveries) delivery.fail(stopping());
  }

  #pump(): void {
    // After a failure one request at a time tells whether it is over.
    const concurrency = this.#backoff.failing ? 1 : this.#limits.concurrency;
    while (!this.#isStopped && this.#pause === undefined && this.#inFlight < concurrency) {
      const parts = this.#gather();
      if (parts.length === 0) return;
      this.#inFlight++;
      void this.#send(parts).then((ok) => {
        this.#inFlight--;
        if (ok) this.#pump();
        else this.#wait();
      });
    }
  }

  #wait(): void {
    // Requests that were under way together fail together, which is one failure.
    if (this.#isStopped || this.#pause !== undefined) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#isSetUp) this.#pump();
      else this.check();
    }, this.#backoff.failed());
  }

  #gather(): Part[] {
    const { maxBytes, maxDocuments } = this.#limits;
    const parts: Part[] = [];
    let bytes = 0;
    for (const delivery of this.#deliveries) {
      while (parts.length < maxDocuments && bytes < maxBytes) {
        const entry = delivery.take();
        if (!entry) break;
        parts.push({ delivery, entry });
        bytes += entry.end - entry.start;
      }
      if (parts.length >= maxDocuments || bytes >= maxBytes) break;
    }
    return parts;
  }

  /** Sends documents; returns whether Elasticsearch took requests. Those without a place are put back. */
  async #send(parts: readonly Part[]): Promise<boolean> {
    if (!(await this.#isReady())) {
      for (const { delivery, entry } of parts) delivery.putBack(entry);
      return false;
    }
    const started = performance.now();
    try {
      const items = await this.#cluster.create(this.#stream, linesOf(parts), parts.length);
      this.#listener.answered((performance.now() - started) / 1000);
      return this.#settle(parts, items);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      // Too much for Elasticsearch, or for something before it.
      if (error.status === 413) return this.#split(parts, error);
      for (const { delivery, entry } of parts) delivery.putBack(entry);
      this.#fail(error.kind, error.message);
      return false;
    }
  }

  async #split(parts: readonly Part[], { message }: ClusterError): Promise<boolean> {
    const [first] = parts;
    if (first && parts.length === 1) {
      this.#refuse(first, { kind: 'refused', type: 'too_large', reason: message });
      return true;
    }
    const half = parts.length >> 1;
    const [one, other] = [await this.#send(parts.slice(0, half)), await this.#send(parts.slice(half))];
    return one && other;
  }

  #settle(parts: readonly Part[], items: readonly BulkItem[]): boolean {
    let later: (Verdict & { readonly kind: 'later' }) | undefined;
    for (const [index, part] of parts.entries()) {
      const { delivery, entry } = part;
      const verdict = verdictOf(items[index] as BulkItem);
      if (verdict.kind === 'refused') this.#refuse(part, verdict);
      else if (verdict.kind === 'later') {
        later = verdict;
        delivery.putBack(entry);
      } else {
        this.#listener[verdict.kind](entry);
        delivery.placed();
      }
    }
    if (later) {
      this.#fail(later.error, later.reason);
      return false;
    }
    this.#backoff.succeeded();
    this.#listener.works();
    return true;
  }

  #refuse({ delivery, entry }: Part, verdict: Verdict & { readonly kind: 'refused' }): void {
    void this.#listener
      .refused(entry, delivery, verdict)
      .catch((error: NotStoredError) => delivery.fail(error))
      .finally(() => delivery.placed());
  }

  #fail(error: ElasticsearchError, reason: string): void {
    if (error === 'not_set_up') this.#isSetUp = false;
    if (!this.#isStopped) this.#listener.failed(error, reason);
  }

  async #isReady(): Promise<boolean> {
    if (this.#isSetUp) return true;
    try {
      this.#isSetUp = await hasOurMapping(this.#cluster, this.#stream);
      if (this.#isSetUp) this.#backoff.succeeded();
      else this.#fail('not_set_up', `${this.#stream} is not set up; run: botaudit index --setup`);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      this.#fail(error.kind, error.message);
    }
    return this.#isSetUp;
  }
}

function stopping(): NotStoredError {
  return new NotStoredError('stopping', 'the indexer is being stopped');
}

/** The lines of a bulk request. What stands side by side in one delivery is taken in one piece. */
function linesOf(parts: readonly Part[]): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  parts.forEach(({ delivery, entry }, index) => {
    const next = parts[index + 1];
    if (next?.delivery === delivery && next.entry.start === entry.end) return;
    const first = parts[from] as Part;
    pieces.push(delivery.bytes.subarray(first.entry.start, entry.end));
    from = index + 1;
  });
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}
