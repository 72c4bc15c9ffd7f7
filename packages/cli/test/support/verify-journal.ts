import { botaudit, type Ended, linesOf } from './botaudit.js';
import type { SignedJournal } from './signed-journal.js';

/** Verifies a journal with its public key, or as `args` say. */
export function verifyJournal(
  { key, directory }: SignedJournal,
  args: readonly string[] = ['--public-key', key.publicKey],
  what = directory,
): Promise<Ended> {
  return botaudit(['verify', ...args, what]);
}

/** Findings that are errors, each a line; the last line of what was printed is the summary. */
export function errorsOf(stdout: string): string[] {
  return linesOf(stdout)
    .slice(0, -1)
    .filter((line) => !line.includes('(notice)'));
}
