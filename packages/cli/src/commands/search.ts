import { onRecord } from '../access/access.js';
import { EXIT } from '../failure.js';
import { createFilter } from '../journal/filter.js';
import { locateJournal } from '../journal/locate.js';
import { type PseudonymOptions, withPseudonyms } from '../journal/pseudonyms-of.js';
import { Output } from '../output.js';
import { askedOf, criteriaOf, type FilterOptions, matching } from './matching.js';
import { Reading, RecordPrinter } from './reading.js';

/** Options of `botaudit search`. */
export interface SearchOptions extends PseudonymOptions, FilterOptions {
  readonly json?: boolean | undefined;
}

/** Prints all records that fit, by time. */
export async function search(options: SearchOptions): Promise<void> {
  const filter = createFilter(await withPseudonyms(criteriaOf(options), options));
  const directory = await locateJournal(options);
  const { config, json } = options;
  const asked = { ...askedOf(options), json };
  const request = {
    event: 'audit.log.read',
    command: 'search',
    journal: directory,
    asked,
    config,
  } as const;
  await onRecord(request, async (access) => {
    const reading = new Reading(directory);
    const output = new Output();
    const printer = new RecordPrinter(output, json);
    for (const { line, record } of matching(reading, filter)) {
      access.records++;
      await printer.print(line, record);
      if (output.closed) {
        access.isPartial = true;
        return;
      }
    }
    await output.flush();
    process.exitCode = reading.finish(access.records > 0 ? EXIT.ok : EXIT.no);
  });
}
