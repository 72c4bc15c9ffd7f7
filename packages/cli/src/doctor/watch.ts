import { setTimeout as sleep } from 'node:timers/promises';
import { type ListenAddress, type Metrics, type MetricsServer, serveMetrics } from '@botaudit/sdk';
import { say } from '../stderr.js';
import type { CanaryLegs, LegCheck } from './canary-legs.js';

/** Options of {@link watch}. */
export interface WatchOptions {
  readonly canary: CanaryLegs;
  /** From the beginning of one canary to that of the next, in milliseconds. */
  readonly intervalMs: number;
  /** The journal's folder. */
  readonly directory: string;
  /** Where metrics are served; `undefined` for nowhere. */
  readonly metrics: ListenAddress | undefined;
  readonly signal: AbortSignal;
  readonly onRound: (checks: readonly LegCheck[]) => void;
}

/** Sends canaries until it is told to stop. */
export async function watch({ canary, intervalMs, directory, metrics: address, signal, onRound }: WatchOptions) {
  const { metrics } = canary;
  metrics.set('audit_canary_interval_seconds', {}, intervalMs / 1000);
  for (const leg of canary.legs) {
    metrics.set('audit_canary_last_success_timestamp_seconds', { leg }, 0);
    metrics.add('audit_canary_failures_total', { leg }, 0);
  }
  const server = address && serve(canary, directory, address);
  try {
    for (;;) {
      const started = performance.now();
      const checks = await canary.send(signal);
      measure(checks, metrics);
      onRound(checks);
      await sleep(Math.max(0, started + intervalMs - performance.now()), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    server?.close();
  }
}

function serve(canary: CanaryLegs, directory: string, address: ListenAddress): MetricsServer {
  const own = { metrics: canary.metrics, streamId: canary.streamId };
  const server = serveMetrics({ directory, ...address, own, say });
  void server.listening.then(({ address: host, family, port }) => {
    say(`metrics at http://${family === 'IPv6' ? `[${host}]` : host}:${port}/metrics`);
  });
  return server;
}

function measure(checks: readonly LegCheck[], metrics: Metrics): void {
  for (const { leg, status, ms } of checks) {
    if (status === 'failed') metrics.add('audit_canary_failures_total', { leg });
    if (status !== 'ok' && status !== 'warning') continue;
    metrics.set('audit_canary_last_success_timestamp_seconds', { leg }, Date.now() / 1000);
    metrics.set('audit_canary_duration_seconds', { leg }, ms / 1000);
  }
}
