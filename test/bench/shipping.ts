// Records per second that reach one sink: our shipper from a journal, against the stock batch processor and exporter at the
// rate at which they lose nothing.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shipDirectory } from '@botaudit/sdk';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { makeJournal } from './journal.ts';
import type { Section } from './report.ts';
import { type Sink, startSink } from './sink.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const PAIRS = 7;
const RECORDS = 50_000;
const QUEUE = 2_048;

async function ours(folder: string, run: number, sink: Sink): Promise<number> {
  const directory = join(folder, `journal-${run}`);
  mkdirSync(directory);
  await makeJournal(directory, RECORDS);
  const started = performance.now();
  await shipDirectory({ directory, endpoint: { url: sink.url }, mode: 'once' });
  return (performance.now() - started) / 1_000;
}

/** Emits as much as the queue holds, then waits until that is exported: faster, and it drops. */
async function stock(sink: Sink): Promise<number> {
  const exporter = new OTLPLogExporter({ url: sink.url });
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: QUEUE, maxExportBatchSize: 512 });
  const logger = new LoggerProvider({ processors: [processor] }).getLogger('bench');
  const started = performance.now();
  for (let index = 0; index < RECORDS; index++) {
    logger.emit({
      eventName: 'bot.message.send',
      attributes: {
        'audit.record.id': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        'audit.actor.id': `telegram:${index % 1_000}`,
        'audit.actor.type': 'user',
        'audit.action': 'SEND',
        'audit.outcome': 'success',
        'audit.target.id': `telegram:-100123456789/${index}`,
        'audit.target.type': 'message',
        'audit.sequence.number': index,
        'bot.id': 'telegram:7',
        'bot.platform': 'telegram',
        'bot.framework': 'grammy',
        'bot.api.method': 'sendMessage',
      },
    });
    if (index % QUEUE === QUEUE - 1) await processor.forceFlush();
  }
  await processor.shutdown();
  return (performance.now() - started) / 1_000;
}

export async function shipping(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const sink = await startSink();
  const rates = { ours: [] as number[], stock: [] as number[] };
  const lost = { ours: 0, stock: 0 };
  try {
    for (let run = -1; run < PAIRS; run++) {
      const ourSeconds = await ours(folder, run, sink);
      const ourRecords = await sink.received();
      const stockSeconds = await stock(sink);
      const stockRecords = await sink.received();
      if (run < 0) continue;
      rates.ours.push(ourRecords / ourSeconds);
      rates.stock.push(stockRecords / stockSeconds);
      lost.ours += Math.max(0, RECORDS - ourRecords);
      lost.stock += RECORDS - stockRecords;
    }
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const ratio = ratios(rates.ours, rates.stock);
  return {
    title: 'Shipping',
    method:
      `${RECORDS.toLocaleString('en')} records to one OTLP/JSON sink in another process, ${PAIRS} alternating pairs. Ours are read from a ` +
      'journal on disk, where they stand chained; the stock processor takes its from memory, as fast as it loses none.',
    columns: ['', 'records/s', 'lost'],
    rows: [
      ['BotAudit shipper', showSpread(spread(rates.ours), 0), String(lost.ours)],
      ['stock `BatchLogRecordProcessor` + `OTLPLogExporter`', showSpread(spread(rates.stock), 0), String(lost.stock)],
    ],
    goals: [{ promise: 'records/s ≥ 1.5 × stock', measured: `${showSpread(ratio)} ×`, met: ratio.median >= 1.5 }],
  };
}
