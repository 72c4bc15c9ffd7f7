import { EXIT, Failure } from '../failure.js';
import { type Criteria, createFilter } from '../journal/filter.js';
import { locateJournal } from '../journal/locate.js';
import { mergeByTime } from '../journal/merge.js';
import { type PseudonymOptions, withPseudonyms } from '../journal/pseudonyms-of.js';
import { Output } from '../output.js';
import { parseTime } from '../text/time.js';
import { Reading, RecordPrinter } from './reading.js';

/** Options of `botaudit search`. */
export interface SearchOptions extends PseudonymOptions, Omit<Criteria, 'since' | 'until'> {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Prints all records that fit, by time. */
export async function search({ since, until, ...options }: SearchOptions): Promise<void> {
  const now = Date.now();
  const criteria = {
    ...options,
    since: since === undefined ? undefined : parseTime(since, '--since', now),
    until: until === undefined ? undefined : parseTime(until, '--until', now),
  };
  if (criteria.since !== undefined && criteria.until !== undefined && criteria.since >= criteria.until) {
    throw Failure.usage('--since must be before --until: no record could be found');
  }
  const filter = createFilter(await withPseudonyms(criteria, options));
  const reading = new Reading(await locateJournal(options));
  const output = new Output();
  const printer = new RecordPrinter(output, options.json);
  let found = false;
  for (const { read } of mergeByTime(reading.streams, reading.onTrouble)) {
    if (!filter.mayMatch(read.line)) continue;
    const record = reading.decode(read.line);
    if (!record || !filter.matches(record)) continue;
    found = true;
    await printer.print(read.line, record);
    if (output.closed) return;
  }
  await output.flush();
  process.exitCode = reading.finish(found ? EXIT.ok : EXIT.no);
}
