import { type Access, onRecord } from '../access/access.js';
import { EXIT, Failure } from '../failure.js';
import { follow } from '../journal/follow.js';
import { lastRecords, recordAt } from '../journal/last-records.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { Reading, RecordPrinter } from './reading.js';
import { type Stop, stopSignal } from './stop-signal.js';

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
  const { lines, follow = false, json, config } = options;
  const asked = { lines, follow, json };
  const request = {
    event: 'audit.log.read',
    command: 'tail',
    journal: directory,
    asked,
    goesOn: follow,
    config,
  } as const;
  // Before anything is shown: whoever ends it then ends it as well as later, and how many he saw is on record.
  const stop = follow ? stopSignal() : undefined;
  await onRecord(request, (access) => print(directory, options, access, stop));
}

/** @param stop says when to end; without it the end of what is there is the end. */
async function print(directory: string, options: TailOptions, access: Access, stop: Stop | undefined): Promise<void> {
  const output = new Output();
  const reading = new Reading(directory);
  const printer = new RecordPrinter(output, options.json);
  const { places, ends } = lastRecords(reading.streams, options.lines, reading.onTrouble);
  const show = async (line: string | undefined) => {
    const record = line && reading.decode(line);
    if (!line || !record) return;
    access.records++;
    await printer.print(line, record);
  };
  for (const place of places) {
    await show(recordAt(place)?.line);
    if (output.closed) {
      access.isPartial = true;
      return;
    }
  }
  await output.flush();
  if (!stop) {
    process.exitCode = reading.finish(EXIT.ok);
    return;
  }
  output.onClose(stop.abort);
  const { onTrouble } = reading;
  for await (const lines of follow({ directory, known: reading.streams, ends, onTrouble, signal: stop.signal })) {
    for (const { line } of lines) await show(line);
    await output.flush();
  }
  process.exitCode = reading.finish(EXIT.ok);
}
