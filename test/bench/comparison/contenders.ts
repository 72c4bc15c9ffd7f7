import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ATTR_AUDIT_TARGET_ID } from '@botaudit/record';
import { readJournal } from '../../support/journal.ts';
import { numbersIn } from './record.ts';

/** What is compared, as the page shows it. */
export interface Contender {
  readonly key: string;
  readonly name: string;
  /** What it keeps on disk; nothing: it is lost if it isn't at the sink. */
  readonly file: 'journal' | 'lines' | 'nothing';
  readonly sends: boolean;
  /** What the return of the call means. */
  readonly promise: string;
  /** Whether a record that was changed or removed later is found out. */
  readonly chained: string;
}

const CHAINED = 'yes, by a chain with signed checkpoints';

export const CONTENDERS: readonly Contender[] = [
  {
    key: 'process',
    name: 'BotAudit, `process`',
    file: 'journal',
    sends: true,
    promise: 'written to the file: survives the end of the process by any signal',
    chained: CHAINED,
  },
  {
    key: 'power',
    name: 'BotAudit, `power`',
    file: 'journal',
    sends: true,
    promise: 'as `process`, and synced to the disk within 50 ms: survives the loss of power from then on',
    chained: CHAINED,
  },
  {
    key: 'memory',
    name: 'BotAudit, `memory`',
    file: 'journal',
    sends: true,
    promise: 'queued: written at the end of the tick; a kill takes the tick',
    chained: CHAINED,
  },
  {
    key: 'stock',
    name: '`BatchLogRecordProcessor` + `OTLPLogExporter`',
    file: 'nothing',
    sends: true,
    promise: 'queued in memory (2,048 records); what comes when the queue is full is dropped, and nobody is told',
    chained: 'no',
  },
  {
    key: 'pino-sync',
    name: '`pino` to file, `sync: true`',
    file: 'lines',
    sends: false,
    promise:
      'written to the file: survives the end of the process by any signal; whoever ships the file is another program',
    chained: 'no',
  },
  {
    key: 'pino-async',
    name: '`pino` to file, asynchronous (`minLength: 4096`)',
    file: 'lines',
    sends: false,
    promise: 'buffered in memory; whoever ships the file is another program',
    chained: 'no',
  },
  {
    key: 'pino-otel',
    name: '`pino` + `pino-opentelemetry-transport`',
    file: 'nothing',
    sends: true,
    promise: 'in a buffer shared with a worker thread, which has the queue of `BatchLogRecordProcessor`',
    chained: 'no',
  },
  {
    key: 'evlog',
    name: '`evlog` audit: `signed` file drain, OTLP drain',
    file: 'lines',
    sends: true,
    promise:
      'queued in memory: for the file in a chain of promises, for OTLP in a buffer of 1,000, of which the oldest go',
    chained: 'yes, by a chain of hashes that each process begins anew; what is cut off at its end is not found',
  },
];

/** Numbers of the records that stand in the contender's folder, each on a whole line. */
export async function onDisk({ key, file }: Contender, folder: string): Promise<Set<number>> {
  if (file === 'nothing') return new Set();
  if (file === 'journal') {
    const records = (await readJournal(join(folder, 'journal'))).flatMap((stream) => stream.records);
    const targets = records.map(({ attributes }) => String(attributes[ATTR_AUDIT_TARGET_ID]));
    return new Set(targets.flatMap((id) => [...numbersIn(Buffer.from(id))]));
  }
  const lines = key === 'evlog' ? join(folder, 'evlog') : folder;
  const names = (await readdir(lines).catch(() => [])).filter((name) => /\.(ndjson|jsonl)$/.test(name));
  const numbers = new Set<number>();
  for (const name of names) {
    const bytes = await readFile(join(lines, name));
    for (const number of numbersIn(bytes.subarray(0, bytes.lastIndexOf('\n') + 1))) numbers.add(number);
  }
  return numbers;
}
