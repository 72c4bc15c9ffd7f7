import { setImmediate } from 'node:timers/promises';
import type { MetricSink } from '../metrics/table.js';
import { Delivery } from './delivery.js';
import type { Endpoint } from './endpoint.js';
import type { Feeds } from './feeds.js';
import { parkRejected } from './rejected-file.js';
import { Scratch } from './scratch.js';
import type { Stopping } from './stopping.js';
import type { Batch, StreamFeed } from './stream-feed.js';

/** How often the cursors are stored and the gauges set while records are shipped. */
const HOUSEKEEPING_MS = 1_000;

/** What a {@link ShippingLoop} works with. */
export interface LoopContext {
  readonly feeds: Feeds;
  readonly endpoint: Endpoint;
  readonly metrics: MetricSink;
  readonly stopping: Stopping;
  readonly say: (message: string) => void;
  /** Called after each housekeeping. */
  readonly onHousekeeping?: () => void;
}

/** A batch on its way, with the stream that it comes from. */
interface Shipment {
  readonly feed: StreamFeed;
  readonly batch: Batch;
}

/** Carries the records of some streams to an endpoint, in the order of each stream, and remembers how far it got. */
export class ShippingLoop {
  readonly #context: LoopContext;
  /** Streams that may have more, in this round. */
  #round = new Set<StreamFeed>();
  #last: StreamFeed | undefined;
  /** For the request that is under way and for the next one, in turns. */
  #scratches = [new Scratch(), new Scratch()] as const;
  /** The record that the endpoint took last of those before the batch that is under way. */
  #taken: { readonly feed: StreamFeed; readonly line: string } | undefined;
  #exported = 0;
  #rejected = 0;
  #remaining = 0;

  constructor(context: LoopContext) {
    this.#context = context;
  }

  /** Records that the endpoint took. */
  get exported(): number {
    return this.#exported;
  }

  /** Records that were put aside. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Records that were waiting at the last housekeeping. */
  get remaining(): number {
    return this.#remaining;
  }

  /**
   * Ships what is there, each stream until it has no whole batch left.
   *
   * @returns whether there was anything.
   * @throws {StoppedError}
   */
  async round(): Promise<boolean> {
    const { feeds, stopping } = this.#context;
    // The end of a process waits for what it did itself, not for what others left behind.
    this.#round = new Set(stopping.begun && feeds.own ? [feeds.own] : feeds);
    const ended = new Set<StreamFeed>();
    const housekeeping = setInterval(() => this.housekeep(), HOUSEKEEPING_MS);
    let any = false;
    try {
      for (let shipment = this.#next(ended); shipment; any = true) {
        // While a request is under way the next one is made.
        const [next] = await Promise.all([this.#prepare(ended), this.#deliver(shipment)]);
        shipment = next;
      }
    } finally {
      clearInterval(housekeeping);
      this.housekeep();
    }
    for (const feed of ended) feeds.finish(feed);
    return any;
  }

  /** Stores the cursors and sets the gauges. */
  housekeep(): void {
    const { feeds, metrics, say, onHousekeeping } = this.#context;
    let depth = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const feed of feeds) {
      feeds.attempt(feed, () => {
        const waiting = feed.depth();
        depth += waiting;
        if (waiting > 0) oldest = Math.min(oldest, feed.oldest());
      });
      try {
        feed.save();
      } catch (error) {
        say(`${(error as Error).message}; records may be sent twice`);
      }
    }
    this.#remaining = depth;
    metrics.set('audit_queue_depth', {}, depth);
    metrics.set('audit_queue_oldest_age_seconds', {}, Math.max(0, Date.now() - oldest) / 1000);
    onHousekeeping?.();
  }

  /** Lets the request that was just made get onto the network first. */
  async #prepare(ended: Set<StreamFeed>): Promise<Shipment | undefined> {
    await setImmediate();
    return this.#next(ended);
  }

  /** The next batch of the streams in turn; every other one is of this process's own stream while that has any. */
  #next(ended: Set<StreamFeed>): Shipment | undefined {
    const { feeds, stopping } = this.#context;
    for (;;) {
      const { own } = feeds;
      const ownFirst = own && this.#round.has(own) && (this.#last !== own || stopping.begun);
      const feed = ownFirst ? own : this.#round.values().next().value;
      if (!feed || (stopping.begun && feed !== own)) return undefined;
      this.#last = feed;
      this.#round.delete(feed);
      const [scratch, other] = this.#scratches;
      const batch = feeds.attempt(feed, () => feed.take(scratch));
      if (!batch) {
        if (feed.adopted) ended.add(feed);
        continue;
      }
      this.#scratches = [other, scratch];
      if (batch.full) this.#round.add(feed);
      return { feed, batch };
    }
  }

  async #deliver({ feed, batch }: Shipment): Promise<void> {
    const { endpoint, metrics } = this.#context;
    if (batch.breaks > 0) metrics.add('audit_chain_breaks_total', { source: 'shipper' }, batch.breaks);
    for (const { line, reason } of batch.unfit) await this.#park(feed, line, reason);
    const others = new Others(() => this.#samples(feed, batch));
    const before = this.#rejected;
    try {
      if (batch.lines.length > 0) {
        const park = (line: string, reason: string) => this.#park(feed, line, reason);
        const another = () => others.next();
        await new Delivery(feed.encoder, { endpoint, metrics, park, another }).complete(batch);
      }
    } finally {
      others.close();
    }
    this.#exported += batch.lines.length - (this.#rejected - before);
    if (this.#rejected === before && batch.last) this.#taken = { feed, line: batch.last.line };
    feed.acknowledge();
  }

  *#samples(feed: StreamFeed, batch: Batch): Generator<Uint8Array, void, undefined> {
    if (this.#taken) yield this.#taken.feed.encoder.request([this.#taken.line]).body;
    yield* feed.samples(batch.last);
    for (const other of this.#context.feeds) if (other !== feed) yield* other.samples();
  }

  /** Puts a record aside; a full disk is waited out. */
  async #park(feed: StreamFeed, line: string, reason: string): Promise<void> {
    const { endpoint, metrics, say } = this.#context;
    for (let said = false; ; said = true) {
      try {
        parkRejected(feed.entry.directory, { line, reason });
        metrics.add('audit_records_rejected_total', {});
        this.#rejected++;
        return;
      } catch (error) {
        metrics.add('audit_export_errors_total', { reason: 'rejected_file' });
        if (!said) say(`a refused record can't be put aside: ${(error as Error).message}`);
        await endpoint.pause();
      }
    }
  }
}

/** Goes through samples again and again, since more may have come. */
class Others {
  readonly #start: () => Generator<Uint8Array, void, undefined>;
  #samples: Generator<Uint8Array, void, undefined> | undefined;

  constructor(start: () => Generator<Uint8Array, void, undefined>) {
    this.#start = start;
  }

  /** The next one; `undefined` at the end, after which it starts over. */
  next(): Uint8Array | undefined {
    this.#samples ??= this.#start();
    const { value } = this.#samples.next();
    if (!value) this.#samples = undefined;
    return value ?? undefined;
  }

  close(): void {
    this.#samples?.return();
  }
}
