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
  readonly endpoint?: string | undefined;
  readonly metrics?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Ships the journal until it is told to stop, or, with `once`, until what was there has been shipped. */
export async function ship(options: ShipOptions): Promise<void> {
  const { loadConfig, Metrics, serveMetrics, shipDirectory } = await import('@botaudit/sdk');
  const config = loadConfig({ env: environmentFor({ ...options, dir: undefined }) });
  for (const warning of config.warnings) say(warning);
  const { endpoint } = config;
  if (!endpoint) {
    throw new Failure(
      'there is no endpoint to ship to; give --endpoint, or set OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT, ' +
        `or endpoint.url in ${config.file ?? 'botaudit.yaml'}`,
    );
  }
  const directory = await locateJournal(options, { wait: !options.once });
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
  say(`shipping ${directory} to ${new URL(endpoint.url).origin}${options.once ? '' : '; Ctrl-C ends it'}`);
  const mode = options.once ? 'once' : 'follow';
  const report = await shipDirectory({ directory, endpoint, mode, signal, metrics, say });
  server?.close();
  const output = new Output();
  output.line(options.json ? JSON.stringify(report) : summary(report));
  await output.flush();
  if (options.once) process.exitCode = exitCode(report);
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
