import type { ShippingReport } from '@botaudit/sdk';
import { environmentFor } from '../environment-for.js';
import { EXIT, Failure } from '../failure.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit ship`. */
export interface ShipOptions extends JournalOptions {
  readonly once?: boolean | undefined;
  readonly rejected?: boolean | undefined;
  readonly endpoint?: string | undefined;
  readonly metrics?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Ships the journal until it is told to stop, or, with `once`, until what was there has been shipped; with `rejected` only
 * what the endpoint refused before.
 */
export async function ship(options: ShipOptions): Promise<void> {
  const { loadConfig, Metrics, serveMetrics, shipDirectory, shipRejected } = await import('@botaudit/sdk');
  const config = loadConfig({ env: environmentFor({ ...options, dir: undefined }) });
  for (const warning of config.warnings) say(warning);
  const { endpoint } = config;
  if (!endpoint) {
    throw new Failure(
      'there is no endpoint to ship to; give --endpoint, or set OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT, ' +
        `or endpoint.url in ${config.file ?? 'botaudit.yaml'}`,
    );
  }
  const ends = options.once || options.rejected;
  const directory = await locateJournal(options, { wait: !ends });
  const metrics = new Metrics();
  const server =
    options.metrics !== undefined && config.metrics
      ? serveMetrics({ directory, ...config.metrics, own: { metrics }, say })
      : undefined;
  void server?.listening.then(({ address, family, port }) => {
    say(`metrics at http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`);
  });
  const { signal } = stopSignal();
  // The host alone: what else an address holds may be secret.
  const what = options.rejected ? `rejected records of ${directory}` : directory;
  say(`shipping ${what} to ${new URL(endpoint.url).origin}${ends ? '' : '; Ctrl-C ends it'}`);
  const shipping = { directory, endpoint, signal, metrics, say };
  const report = options.rejected
    ? await shipRejected({ ...shipping, onProgress: progress() })
    : await shipDirectory({ ...shipping, mode: options.once ? 'once' : 'follow' });
  server?.close();
  const output = new Output();
  output.line(options.json ? JSON.stringify(report) : summary(report));
  await output.flush();
  if (ends) process.exitCode = exitCode(report);
}

/** Says how far it is: for each stream at first, then once a second. */
function progress(): (streamId: string, exported: number, rejected: number) => void {
  let last: string | undefined;
  let saidAt = 0;
  return (streamId, exported, rejected) => {
    const now = performance.now();
    if (streamId === last && now < saidAt + 1_000) return;
    last = streamId;
    saidAt = now;
    say(`${streamId}: shipped ${exported}, rejected ${rejected}`);
  };
}

function summary({ exported, rejected, remaining, unreadable }: ShippingReport): string {
  const counts = `shipped ${exported}, rejected ${rejected}, remaining ${remaining}`;
  if (unreadable === 0) return counts;
  return `${counts}; ${unreadable} stream${unreadable === 1 ? '' : 's'} could not be read, see above`;
}

function exitCode({ rejected, remaining, unreadable }: ShippingReport): number {
  if (remaining > 0 || unreadable > 0) return EXIT.failed;
  return rejected > 0 ? EXIT.no : EXIT.ok;
}
