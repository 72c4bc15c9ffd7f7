import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type Access, onRecord } from '../access/access.js';
import { EXIT } from '../failure.js';
import { createFilter, type Filter } from '../journal/filter.js';
import { locateJournal } from '../journal/locate.js';
import { type PseudonymOptions, withPseudonyms } from '../journal/pseudonyms-of.js';
import { Output } from '../output.js';
import { harmless } from '../text/harmless.js';
import { ExportFile } from './export-file.js';
import { askedOf, criteriaOf, type FilterOptions, matching } from './matching.js';
import { Reading, RecordPrinter } from './reading.js';

/** Options of `botaudit export`. */
export interface ExportOptions extends PseudonymOptions, FilterOptions {
  /** A file that is not there yet. Default: standard output. */
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Writes all records that fit, by time, as they stand in the journal: to a file of their own, or to standard output. */
export async function exportRecords(options: ExportOptions): Promise<void> {
  const filter = createFilter(await withPseudonyms(criteriaOf(options), options));
  const directory = await locateJournal(options);
  const { out, config } = options;
  const asked = { ...askedOf(options), out: out && resolve(out) };
  const request = {
    event: 'audit.log.export',
    command: 'export',
    journal: directory,
    asked,
    config,
  } as const;
  await onRecord(request, async (access) => {
    const reading = new Reading(directory);
    if (out === undefined) await toOutput(reading, filter, access);
    else await toFile(out, options.json, reading, filter, access);
    process.exitCode = reading.finish(access.records > 0 ? EXIT.ok : EXIT.no);
  });
}

async function toOutput(reading: Reading, filter: Filter, access: Access): Promise<void> {
  const output = new Output();
  const printer = new RecordPrinter(output, true);
  const digest = createHash('sha256');
  for (const { line, record } of matching(reading, filter)) {
    access.records++;
    digest.update(`${line}\n`);
    await printer.print(line, record);
    if (output.closed) {
      access.isPartial = true;
      return;
    }
  }
  await output.flush();
  access.details = { sha256: digest.digest('hex') };
}

async function toFile(
  path: string,
  json: boolean | undefined,
  reading: Reading,
  filter: Filter,
  access: Access,
): Promise<void> {
  const file = new ExportFile(path);
  try {
    for (const { line } of matching(reading, filter)) {
      file.add(line);
      access.records++;
    }
  } finally {
    access.details = { ...file.close() };
  }
  const { sha256, bytes } = file.close();
  const { records } = access;
  const output = new Output();
  output.line(
    json
      ? JSON.stringify({ file: path, records, bytes, sha256 })
      : `${records} ${records === 1 ? 'record' : 'records'} (${bytes} bytes) in ${harmless(path)}, SHA-256 ${sha256}`,
  );
  await output.flush();
}
