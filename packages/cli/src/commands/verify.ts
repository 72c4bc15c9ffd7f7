import { createReadStream, readdirSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../failure.js';
import type { CheckReport } from '../journal/check.js';
import { checkFile, checkInput, checkJournalWith, checkStream, type SourceOptions } from '../journal/check-journal.js';
import { type JournalOptions, locateJournal, whyUnreadable } from '../journal/locate.js';
import { readOutsideCheckpoints } from '../journal/outside-checkpoints.js';
import { liesWithin, readPublicKeys } from '../journal/public-keys.js';
import { say } from '../stderr.js';
import { printCheck } from './print-check.js';
import { isOfSink, type SinkOptions, verifySink } from './verify-sink.js';

/** Options of `botaudit verify`. */
export interface VerifyOptions extends JournalOptions, SinkOptions {
  readonly json?: boolean | undefined;
  /** Files with public keys. */
  readonly publicKey?: readonly string[] | undefined;
  /** Files with checkpoints from elsewhere. */
  readonly checkpoints?: readonly string[] | undefined;
  /** An archive of the journal. */
  readonly archive?: string | undefined;
  /** Threads that read. Default: one for each core, where that pays. */
  readonly jobs?: number | undefined;
  /** Whether only the chain is checked. */
  readonly quick?: boolean | undefined;
}

const SEGMENT = /^\d{8,}\.ndjson$/;

/**
 * Verifies a journal, the folder of one stream, a file of records, standard input (`-`), or what a sink holds, and prints
 * what is wrong.
 *
 * @param what default: the journal that the other commands read; for a sink, none.
 */
export async function verify(what: string | undefined, options: VerifyOptions): Promise<void> {
  const { publicKey: keyFiles = [], checkpoints: outsideFiles = [] } = options;
  const isSink = isOfSink(options);
  if (options.quick && options.archive !== undefined) {
    throw new Failure('--quick does not go with --archive: what is read from an archive is always checked in full');
  }
  const publicKeys = readPublicKeys(keyFiles);
  const outside = new Map<string, readonly string[]>();
  for (const path of outsideFiles) outside.set(path, await readOutsideCheckpoints(path));
  if (isSink) return await verifySink(what, options, { publicKeys, outside });
  const onProblem = ({ message }: Error) => say(message);
  const report = await check(what, options, { publicKeys, outside, onProblem, quick: options.quick });
  if (report.records === 0 && report.findings.length === 0) {
    throw new Failure(`${what ?? 'the journal'}: there is no record, so nothing was verified`);
  }
  await printCheck(report, { json: options.json, isSigned: publicKeys.length > 0 });
}

async function check(what: string | undefined, options: VerifyOptions, sources: SourceOptions): Promise<CheckReport> {
  if (options.archive !== undefined) return await together(what, options.archive, options, sources);
  if (what === undefined) return await journal(await locateJournal(options), options, sources);
  if (what === '-') return await checkInput('standard input', process.stdin, sources);
  const path = resolve(what);
  const stats = statsOf(path);
  // What is no regular file, such as a named pipe, gives what it holds once.
  if (stats.isFile()) return await checkFile(what, path, sources);
  if (!stats.isDirectory()) return await checkInput(what, createReadStream(path), sources);
  const names = namesIn(path);
  if (names.includes('streams')) return await journal(path, options, sources);
  if (names.includes('stream.json') || names.some((name) => SEGMENT.test(name))) {
    return await checkStream(options.jobs, path, sources);
  }
  throw new Failure(`${path} is neither a journal (it has no folder streams) nor the folder of a stream`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Failure(`${folder} ${whyUnreadable((error as NodeJS.ErrnoException).code, folder)}`);
  }
}

async function together(
  what: string | undefined,
  archive: string,
  options: VerifyOptions,
  sources: SourceOptions,
): Promise<CheckReport> {
  const directory = what === undefined ? await locateJournal(options) : resolve(what);
  if (!namesIn(directory).includes('streams'))
    throw new Failure(`${directory} is no journal (it has no folder streams)`);
  warnOfKeysIn(directory, options.publicKey ?? []);
  const { checkTogether } = await import('../archive/check-archive.js');
  const { openStore } = await import('../archive/open-store.js');
  return await checkTogether(directory, await openStore(archive), sources);
}

async function journal(directory: string, options: VerifyOptions, sources: SourceOptions): Promise<CheckReport> {
  warnOfKeysIn(directory, options.publicKey ?? []);
  return await checkJournalWith(options.jobs, directory, sources);
}

function warnOfKeysIn(directory: string, publicKeys: readonly string[]): void {
  for (const path of publicKeys) {
    if (!liesWithin(path, directory)) continue;
    say(`${path} lies in the journal that it is to vouch for: who can change the one can change the other`);
  }
}

function statsOf(path: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new Failure(`${path} does not exist; name the folder of a journal, a file of records, or -`);
  return stats;
}
