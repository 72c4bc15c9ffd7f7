import { EXIT, Failure } from '../failure.js';
import { follow } from '../journal/follow.js';
import { lastRecords, recordAt } from '../journal/last-records.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { Reading, RecordPrinter } from './reading.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit tail`. */
export interface TailOptions extends JournalOptions {
  readonly follow?: boolean | undefined;
  readonly lines: number;
  readonly json?: boolean | undefined;
}

/** More would take long to find from the end; `search` reads from the front. */
const MOST_LINES = 10_000;

/** Prints the last records of all streams, by time, and with `follow` those that come, until it is told to stop. */
export async function tail(options: TailOptions): Promise<void> {
  if (options.lines > MOST_LINES) {
    throw Failure.usage(`--lines may be at most ${MOST_LINES}; botaudit search prints all records`);
  }
  const directory = await locateJournal(options, { wait: options.follow });
  const output = new Output();
  const reading = new Reading(directory);
  const printer = new RecordPrinter(output, options.json);
  const { places, ends } = lastRecords(reading.streams, options.lines, reading.onTrouble);
  for (const place of places) {
    const line = recordAt(place)?.line;
    const record = line && reading.decode(line);
    if (record) await printer.print(line, record);
    if (output.closed) return;
  }
  await output.flush();
  if (!options.follow) {
    process.exitCode = reading.finish(EXIT.ok);
    return;
  }
  const stop = stopSignal();
  output.onClose(stop.abort);
  const { onTrouble } = reading;
  for await (const lines of follow({ directory, known: reading.streams, ends, onTrouble, signal: stop.signal })) {
    for (const { line } of lines) {
      const record = reading.decode(line);
      if (record) await printer.print(line, record);
    }
    await output.flush();
  }
  process.exitCode = reading.finish(EXIT.ok);
}
