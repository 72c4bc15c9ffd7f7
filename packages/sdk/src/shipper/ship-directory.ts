import type { EndpointConfig } from '../config/endpoint.js';
import { Metrics } from '../metrics/metrics.js';
import type { MetricSink } from '../metrics/table.js';
import type { Pauses } from './backoff.js';
import { Shipper, type ShippingReport } from './shipper.js';
import { loadWire } from './wire.js';

/** Options of {@link shipDirectory}. */
export interface ShipDirectoryOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** Defaults: no headers, no compression, 10 s, `http/json`. */
  readonly endpoint: Pick<EndpointConfig, 'url'> & Partial<EndpointConfig>;
  /**
   * `once` ends when everything there is has been acknowledged or refused for good; `follow` goes on, also with streams
   * that come to be later. Either waits without limit for an endpoint that can't be reached.
   */
  readonly mode: 'once' | 'follow';
  /** Ends shipping, after the request that is under way or one second. */
  readonly signal?: AbortSignal;
  /** Get what is measured. */
  readonly metrics?: MetricSink;
  /** Takes a line for people: what keeps records from being shipped, and that it is over. Default: nobody. */
  readonly say?: (message: string) => void;
  /** How often to look for new records, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  /** Pauses between attempts that failed. */
  readonly pauses?: Pauses;
}

const DEFAULTS = { headers: {}, compression: 'none', timeoutMs: 10_000, protocol: 'http/json' } as const;
/** How long a request that is under way may take once shipping is to end. */
export const STOP_MS = 1_000;

/** An endpoint with what was left out. */
export function withDefaults(endpoint: ShipDirectoryOptions['endpoint']): EndpointConfig {
  return { ...DEFAULTS, ...endpoint };
}

/**
 * Ships a journal on the current thread: `botaudit ship`. Living streams are shipped too, beside their own process if that
 * ships them as well; the receiver gets some records twice then.
 *
 * @throws {TypeError} when the endpoint's address is none.
 * @throws {JournalReadError} when `mode` is `once` and the folder of the streams can't be read.
 */
export async function shipDirectory(options: ShipDirectoryOptions): Promise<ShippingReport> {
  const {
    directory,
    endpoint,
    mode,
    signal,
    metrics = new Metrics(),
    say = () => {},
    pollMs = 1_000,
    pauses,
  } = options;
  const config = withDefaults(endpoint);
  const wire = await loadWire(config.protocol);
  const shipper = new Shipper({ directory, endpoint: config, metrics, mode, pollMs, pauses, say }, wire);
  const stop = () => shipper.stop(STOP_MS);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    return await shipper.run();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
