import type { EndpointConfig } from '../config/endpoint.js';
import type { MetricSink } from '../metrics/table.js';
import type { Pauses } from './backoff.js';
import { Endpoint } from './endpoint.js';
import { Feeds } from './feeds.js';
import { ShippingLoop } from './shipping-loop.js';
import { StoppedError, Stopping } from './stopping.js';
import type { Wire } from './wire.js';

/** How often it is looked for streams that were left by their writers; sooner where somebody else is at one of them. */
const DISCOVER_LEFT_MS = 30_000;
const DISCOVER_BUSY_MS = 2_000;
/** How often it is looked for streams where all of a folder are shipped. */
const DISCOVER_ALL_MS = 5_000;

/** What a {@link Shipper} ships, where to, and how. */
export interface ShipperOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** The stream of this process; without it all streams of the folder are shipped, living ones too. */
  readonly own?: string | undefined;
  readonly endpoint: EndpointConfig;
  readonly metrics: MetricSink;
  /** `once`: ends when everything there is has been shipped. */
  readonly mode: 'once' | 'follow';
  /** How long records gather after a request before the next one takes them, in milliseconds. Default 200. */
  readonly gatherMs?: number | undefined;
  /** How often to look for new records where nobody rings, in milliseconds. Default: never, somebody rings. */
  readonly pollMs?: number | undefined;
  readonly pauses?: Pauses | undefined;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
  readonly onHousekeeping?: () => void;
  /** About to rest until {@link Shipper.ring}; what is there at this time is still looked at. */
  readonly onRest?: () => void;
}

/** What a {@link Shipper} did. */
export interface ShippingReport {
  /** Records that the endpoint took. */
  readonly exported: number;
  /** Records that it refused for good; they are in `rejected.ndjson` of their stream. */
  readonly rejected: number;
  /** Records that remain to be shipped. */
  readonly remaining: number;
  /** Streams that could not be read, or not wholly, at some time: what they hold is not among the remaining ones. */
  readonly unreadable: number;
}

/**
 * Ships records until it is stopped. At least once: what was acknowledged is remembered a second later at most, and what
 * is not remembered is sent again, under the same id.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stopping = new Stopping();
  readonly #endpoint: Endpoint;
  readonly #feeds: Feeds;
  readonly #loop: ShippingLoop;
  #rung = false;
  #wake: (() => void) | undefined;
  #discoverAt = 0;

  /**
   * @param wire the encoding that the endpoint asks for.
   * @throws {TypeError} when the endpoint's address is none.
   */
  constructor(options: ShipperOptions, wire: Wire) {
    const { directory, own, endpoint, metrics, pauses, say, onHousekeeping } = options;
    const stopping = this.#stopping;
    this.#options = options;
    this.#endpoint = new Endpoint(endpoint, { metrics, wire, stopping, pauses, say });
    this.#feeds = new Feeds({ directory, own, wire, say });
    this.#loop = new ShippingLoop({
      feeds: this.#feeds,
      endpoint: this.#endpoint,
      metrics,
      stopping,
      say,
      ...(onHousekeeping ? { onHousekeeping } : undefined),
    });
  }

  /** See {@link Endpoint.clockOffsetMs}. */
  get clockOffsetMs(): number | undefined {
    return this.#endpoint.clockOffsetMs;
  }

  /** There may be new records. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Asks {@link run} to end: what can be sent at once still is, for as long as `deadlineMs`. */
  stop(deadlineMs: number): void {
    this.#stopping.begin(deadlineMs);
    this.ring();
  }

  /**
   * Ships until it is stopped, or everything is shipped and `mode` is `once`. Called once.
   *
   * @throws {JournalReadError} when `mode` is `once` and the folder of the streams can't be read.
   */
  async run(): Promise<ShippingReport> {
    try {
      await this.#ship();
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
    } finally {
      this.#stopping.done();
      this.#endpoint.close();
      this.#feeds.close();
    }
    const { exported, rejected, remaining } = this.#loop;
    return { exported, rejected, remaining, unreadable: this.#feeds.unreadable };
  }

  async #ship(): Promise<void> {
    const { mode, onRest, gatherMs = 200 } = this.#options;
    let rests = false;
    for (;;) {
      const any = await this.#loop.round();
      if (this.#stopping.begun && !any) return;
      const found = this.#discover();
      if (any || found) {
        rests = false;
        if (!found && mode === 'follow') await this.#stopping.sleep(gatherMs);
      } else if (mode === 'once') return;
      else if (rests) {
        await this.#rest();
        rests = false;
      } else {
        // Whoever writes rings from here on; what came just before is found by one more look.
        onRest?.();
        rests = true;
      }
    }
  }

  /** Looks for streams when it is time to; whether there are more than before. */
  #discover(): boolean {
    const { directory, own, mode, say } = this.#options;
    const now = performance.now();
    if (this.#stopping.begun || (now < this.#discoverAt && !this.#feeds.hasRoom)) return false;
    const before = [...this.#feeds].length;
    let busy = false;
    try {
      busy = this.#feeds.discover();
    } catch (error) {
      // There is no second look that could be better.
      if (mode === 'once') throw error;
      say(`${directory}: ${(error as Error).message}`);
    }
    const pause = busy ? DISCOVER_BUSY_MS : own === undefined ? DISCOVER_ALL_MS : DISCOVER_LEFT_MS;
    this.#discoverAt = mode === 'once' ? Number.POSITIVE_INFINITY : now + pause;
    return [...this.#feeds].length > before;
  }

  async #rest(): Promise<void> {
    const { pollMs = Number.POSITIVE_INFINITY } = this.#options;
    const ms = Math.max(1, Math.min(pollMs, this.#discoverAt - performance.now()));
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#rung = false;
  }
}
