import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeJournalFolder } from '@botaudit/journal';
import { CATALOGUE_FOLDER } from '../archive/catalogue.js';
import type { Reader } from './reader.js';

/** Name of the folder beside a journal's streams that holds what is recorded of its readers. */
const ACCESS = 'access';

/** Where it may be recorded who reads. */
export interface FolderOptions {
  /** Folder of the journal that is read; `undefined` where that is none, such as standard input. */
  readonly journal: string | undefined;
  /** `access_log.directory` */
  readonly configured: string | undefined;
  readonly reader: Pick<Reader, 'user' | 'state'>;
  readonly groupRead: boolean;
}

/**
 * The folder of the journal in which this user's reading is recorded, made ready to be written: the configured one alone,
 * else that beside the journal, else that where the user's programs keep what is theirs.
 *
 * @returns why there is none, where there is none.
 */
export function findFolder(options: FolderOptions): { readonly path: string } | { readonly problem: string } {
  const problems: string[] = [];
  for (const folder of candidates(options)) {
    const path = join(folder, nameOf(options.reader.user));
    try {
      makeJournalFolder(path, { groupRead: options.groupRead });
      if (isOwn(path)) return { path };
      problems.push(`${path} belongs to another user`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { problem: problems.join('; ') || 'there is no folder for it' };
}

function candidates({ journal, configured, reader }: FolderOptions): string[] {
  if (configured !== undefined) return [configured];
  // A journal that is waited for is its bot's to make, and to an archive nothing is added but by archiving.
  const mayAdd = journal !== undefined && existsSync(journal) && !existsSync(join(journal, CATALOGUE_FOLDER));
  const beside = mayAdd ? [besideJournal(journal)] : [];
  return reader.state === undefined ? beside : [...beside, join(reader.state, 'botaudit', ACCESS)];
}

/** Who reads what is recorded of readers is recorded there too, and not in a folder within a folder within a folder. */
function besideJournal(journal: string): string {
  const path = realpathSync(journal);
  return basename(dirname(path)) === ACCESS ? dirname(path) : join(path, ACCESS);
}

/** Where several users may write one of them could have made the folder in another's name, to change what is in it. */
function isOwn(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === (process.geteuid?.() ?? stats.uid);
}

/** A name of an account may hold nearly anything; one of a folder may not. */
function nameOf(user: string): string {
  return user.replaceAll(/[^\w@.-]/g, '_').replace(/^\.+/, '_');
}
