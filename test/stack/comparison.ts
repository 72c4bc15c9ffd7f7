import { ATTR_AUDIT_RECORD_ID, canonicalRecord, recordFromOtlp } from '@botaudit/record';
import { readJournal } from '../support/journal.ts';
import { readArchive } from './archive.ts';

/** How what a collector holds differs from what a bot's journal holds. */
export interface Comparison {
  /** Records in the journal, checkpoints among them. */
  readonly journal: number;
  /** Records in the archive, each counted as often as it is there. */
  readonly archived: number;
  /** Ids of records of the journal that the archive lacks. */
  readonly missing: readonly string[];
  /** Ids of records of the archive that differ from the journal's, byte by byte, or are not in the journal. */
  readonly different: readonly string[];
}

/** Compares a journal with a collector's archive, line by line in canonical form. */
export async function compare(journalDirectory: string, archiveFolder: string): Promise<Comparison> {
  const journal = new Map<string, string>();
  for (const { records, checkpoints } of await readJournal(journalDirectory)) {
    for (const record of [...records, ...checkpoints])
      journal.set(String(record.attributes[ATTR_AUDIT_RECORD_ID]), canonicalRecord(record));
  }
  const archive = (await readArchive(archiveFolder)).map((json) => recordFromOtlp(json));
  const seen = new Set<string>();
  const different: string[] = [];
  for (const record of archive) {
    const id = String(record.attributes[ATTR_AUDIT_RECORD_ID]);
    seen.add(id);
    if (journal.get(id) !== canonicalRecord(record)) different.push(id);
  }
  const missing = [...journal.keys()].filter((id) => !seen.has(id));
  return { journal: journal.size, archived: archive.length, missing, different };
}
