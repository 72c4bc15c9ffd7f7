import { clearTimeout, setTimeout } from 'node:timers';
import type { EndpointConfig } from '../config/endpoint.js';
import type { MetricSink } from '../metrics/table.js';
import { Shipper } from './shipper.js';
import { loadWire } from './wire.js';

/** How long a request that is under way may take once the time is up, in milliseconds. */
const LAST_REQUEST_MS = 100;

/** Options of {@link shipBriefly}. */
export interface ShipBrieflyOptions {
  /** The journal's folder. */
  readonly directory: string;
  readonly endpoint: EndpointConfig;
  readonly metrics: MetricSink;
  /** How long to try, in milliseconds. */
  readonly waitMs: number;
  /** Ends it before. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ships what a journal holds, for a moment and no longer: what is left is there for the next who tries.
 *
 * @throws {JournalReadError} when the folder of the streams can't be read.
 */
export async function shipBriefly(options: ShipBrieflyOptions): Promise<void> {
  const { directory, endpoint, metrics, waitMs, signal } = options;
  const wire = await loadWire(endpoint.protocol);
  const shipper = new Shipper({ directory, endpoint, metrics, mode: 'once', say: () => {} }, wire);
  const stop = () => shipper.stop(LAST_REQUEST_MS);
  const timer = setTimeout(stop, waitMs);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    await shipper.run();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
