import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { attribute, type OtlpLogs } from '../stack/archive.ts';

/** An OTLP/HTTP endpoint that takes everything and keeps the ids of the records. */
export interface Sink {
  /** Variables that make a bot ship to it. */
  readonly env: Readonly<Record<string, string>>;
  /** How often each record came. */
  readonly received: ReadonlyMap<string, number>;
}

/** Starts a sink that is closed when the test has ended. */
export async function startSink(): Promise<Sink> {
  const received = new Map<string, number>();
  const server = createServer(async (request, response) => {
    try {
      const { resourceLogs = [] } = (await json(request)) as OtlpLogs;
      for (const { scopeLogs = [] } of resourceLogs) {
        for (const { logRecords = [] } of scopeLogs) {
          for (const record of logRecords) {
            const id = attribute(record, 'audit.record.id') ?? 'without an id';
            received.set(id, (received.get(id) ?? 0) + 1);
          }
        }
      }
      response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}');
    } catch {
      // The sender was killed in the middle of its request.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    env: {
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `http://127.0.0.1:${address.port}/v1/audit`,
      OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
    },
    received,
  };
}
