import { setTimeout as sleep } from 'node:timers/promises';
import { type ListenAddress, type MetricsServer, serveMetrics } from '@botaudit/sdk';
import { say } from '../stderr.js';
import type { CanaryLegs, Leg, LegCheck } from './canary-legs.js';

/** Options of {@link watch}. */
export interface WatchOptions {
  /** Begins a stream of canaries. */
  readonly open: () => CanaryLegs;
  /** Whether a stream that is begun now is one in the same folder. */
  readonly canOpen: () => boolean;
  /** Age from which on a stream is ended for a new one, in milliseconds: only what has ended can go as a whole. */
  readonly streamMaxAgeMs: number;
  /** From the beginning of one canary to that of the next, in milliseconds. */
  readonly intervalMs: number;
  /** The journal's folder. */
  readonly directory: string;
  /** Where metrics are served; `undefined` for nowhere. */
  readonly metrics: ListenAddress | undefined;
  readonly signal: AbortSignal;
  readonly onRound: (checks: readonly LegCheck[]) => void;
}

/** How the canaries of a leg have fared so far, whichever stream they were in. */
interface Standing {
  /** Seconds since the epoch. */
  lastSuccess: number;
  seconds?: number;
}

/** Sends canaries until it is told to stop. */
export async function watch(options: WatchOptions): Promise<void> {
  await new Watch(options).run();
}

class Watch {
  readonly #options: WatchOptions;
  readonly #standings = new Map<Leg, Standing>();
  #canary: CanaryLegs;
  #openedAt = performance.now();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#canary = options.open();
    for (const leg of this.#canary.legs) this.#standings.set(leg, { lastSuccess: 0 });
  }

  async run(): Promise<void> {
    const { intervalMs, metrics, signal, onRound } = this.#options;
    this.#publish();
    const server = metrics && this.#serve(metrics);
    try {
      for (;;) {
        const started = performance.now();
        this.#renew();
        const checks = await this.#canary.send(signal);
        this.#measure(checks);
        onRound(checks);
        await sleep(Math.max(0, started + intervalMs - performance.now()), undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      server?.close();
      this.#canary.close();
    }
  }

  /** Its counters stay with a stream that has ended; the new one's begin at 0. */
  #renew(): void {
    const { open, canOpen, streamMaxAgeMs } = this.#options;
    if (performance.now() - this.#openedAt < streamMaxAgeMs || !canOpen()) return;
    this.#canary.close();
    this.#canary = open();
    this.#openedAt = performance.now();
    this.#publish();
  }

  #serve(address: ListenAddress): MetricsServer {
    const current = () => this.#canary;
    const own = {
      get metrics() {
        return current().metrics;
      },
      get streamId() {
        return current().streamId;
      },
    };
    const server = serveMetrics({ directory: this.#options.directory, ...address, own, say });
    void server.listening.then(({ address: host, family, port }) => {
      say(`metrics at http://${family === 'IPv6' ? `[${host}]` : host}:${port}/metrics`);
    });
    return server;
  }

  #measure(checks: readonly LegCheck[]): void {
    for (const { leg, status, ms } of checks) {
      if (status === 'failed') this.#canary.metrics.add('audit_canary_failures_total', { leg });
      if (status !== 'ok' && status !== 'warning') continue;
      this.#standings.set(leg, { lastSuccess: Date.now() / 1000, seconds: ms / 1000 });
    }
    this.#publish();
  }

  #publish(): void {
    const { metrics } = this.#canary;
    metrics.set('audit_canary_interval_seconds', {}, this.#options.intervalMs / 1000);
    for (const [leg, { lastSuccess, seconds }] of this.#standings) {
      metrics.add('audit_canary_failures_total', { leg }, 0);
      metrics.set('audit_canary_last_success_timestamp_seconds', { leg }, lastSuccess);
      if (seconds !== undefined) metrics.set('audit_canary_duration_seconds', { leg }, seconds);
    }
  }
}
