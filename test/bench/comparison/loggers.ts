// The contenders, each set up as its documentation says, with the defaults of everything that it does not name.
import { once } from 'node:events';
import { join } from 'node:path';
import { startBackend } from '@botaudit/sdk';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { audit, auditOnly, type DrainContext, initLogger, signed } from 'evlog';
import { createFsDrain } from 'evlog/fs';
import { createOTLPDrain } from 'evlog/otlp';
import { createDrainPipeline } from 'evlog/pipeline';
import { pino } from 'pino';
import type { Job } from './job.ts';
import { ACTOR, auditEvent, BOT_ATTRIBUTES, flatRecord, NAME, target } from './record.ts';

interface Logger {
  /** Writes the record of that number. */
  write(number: number): void;
  /** The orderly end. */
  end(): Promise<void> | void;
}

function botaudit(durability: string, { folder, sink }: Job): Logger {
  const backend = startBackend({
    env: {
      BOTAUDIT_DIR: join(folder, 'journal'),
      BOTAUDIT_METRICS: 'off',
      BOTAUDIT_DURABILITY: durability,
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `${sink}/v1/audit`,
    },
    cwd: folder,
    say: () => undefined,
  });
  return {
    write(number) {
      backend.write(auditEvent(number));
    },
    end: () => backend.shutdown(),
  };
}

function stock({ sink }: Job): Logger {
  const exporter = new OTLPLogExporter({ url: `${sink}/v1/logs` });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('bench');
  return {
    write: (number) => logger.emit({ eventName: NAME, attributes: flatRecord(number) }),
    end: () => provider.shutdown(),
  };
}

function pinoToFile(sync: boolean, { folder }: Job): Logger {
  const dest = join(folder, 'pino.ndjson');
  const destination = pino.destination(sync ? { dest, sync } : { dest, sync, minLength: 4_096 });
  const logger = pino(destination);
  return {
    write: (number) => logger.info(flatRecord(number), NAME),
    end: () => destination.flushSync(),
  };
}

function pinoToOpenTelemetry({ sink }: Job): Logger {
  const transport = pino.transport({
    target: import.meta.resolve('pino-opentelemetry-transport'),
    options: {
      loggerName: 'bench',
      serviceVersion: '1',
      logRecordProcessorOptions: {
        recordProcessorType: 'batch',
        exporterOptions: { protocol: 'http', httpExporterOptions: { url: `${sink}/v1/logs` } },
      },
    },
  });
  const logger = pino(transport);
  return {
    write: (number) => logger.info(flatRecord(number), NAME),
    async end() {
      // The worker thread that this waits for does not keep the process.
      const alive = setInterval(() => undefined, 1_000);
      const closed = once(transport, 'close');
      transport.end();
      await closed;
      clearInterval(alive);
    },
  };
}

function evlog({ folder, sink }: Job): Logger {
  const main = createDrainPipeline<DrainContext>()(createOTLPDrain({ endpoint: sink }));
  const file = signed(createFsDrain({ dir: join(folder, 'evlog') }), { strategy: 'hash-chain' });
  const audits = auditOnly(file, { await: true });
  let written: unknown;
  initLogger({
    env: { service: 'bench', environment: 'production' },
    silent: true,
    drain: async (context) => {
      written = audits(context);
      await Promise.all([main(context), written]);
    },
  });
  process.on('beforeExit', () => void main.flush());
  return {
    write(number) {
      audit({ action: NAME, actor: ACTOR, target: { ...target(number), ...BOT_ATTRIBUTES }, outcome: 'success' });
    },
    async end() {
      await written;
      await main.flush();
    },
  };
}

const OPEN: Readonly<Record<string, (job: Job) => Logger>> = {
  process: (job) => botaudit('process', job),
  power: (job) => botaudit('power', job),
  memory: (job) => botaudit('memory', job),
  stock,
  'pino-sync': (job) => pinoToFile(true, job),
  'pino-async': (job) => pinoToFile(false, job),
  'pino-otel': pinoToOpenTelemetry,
  evlog,
};

export function openLogger(job: Job): Logger {
  const open = OPEN[job.contender];
  if (!open) throw new Error(`No such contender: ${job.contender}`);
  return open(job);
}
