import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { type ArchiveRun, archiveJournal } from '../archive/archive-journal.js';
import { checkArchive } from '../archive/check-archive.js';
import { openStore } from '../archive/open-store.js';
import { Progress } from '../archive/progress.js';
import { noteRun } from '../archive/run-metrics.js';
import { ArchiveError, type ArchiveStore, type ObjectLock } from '../archive/store.js';
import { EXIT, Failure } from '../failure.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { liesWithin, readPublicKeys } from '../journal/public-keys.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import { harmless } from '../text/harmless.js';
import { printCheck } from './print-check.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit archive`. */
export interface ArchiveOptions extends JournalOptions {
  /** A folder, or `s3://bucket/prefix`. */
  readonly to: string;
  readonly lockMode?: 'compliance' | 'governance' | undefined;
  readonly lockDays?: number | undefined;
  readonly restoreCheck?: boolean | undefined;
  /** Files with public keys. */
  readonly publicKey?: readonly string[] | undefined;
  /** File of Prometheus' text format that notes when it last succeeded. */
  readonly metricsFile?: string | undefined;
  /** How often it is run, in milliseconds, for the alert on a run that is missing. */
  readonly expectedEvery?: number | undefined;
  readonly json?: boolean | undefined;
}

/** Copies what is finished of a journal into an archive; or, with `restoreCheck`, proves that an archive can be read. */
export async function archive(options: ArchiveOptions): Promise<void> {
  const { to, restoreCheck, publicKey = [], json } = options;
  if (publicKey.length > 0 && !restoreCheck) {
    throw Failure.usage('--public-key goes with --restore-check; see botaudit archive --help');
  }
  if (options.expectedEvery !== undefined && options.metricsFile === undefined) {
    throw Failure.usage('--expected-every goes with --metrics-file; see botaudit archive --help');
  }
  if (options.metricsFile !== undefined && !options.metricsFile.endsWith('.prom')) {
    throw Failure.usage('--metrics-file: node_exporter reads files that end in .prom, and no others');
  }
  const lock = lockOf(options);
  try {
    const store = await openStore(to, lock);
    if (restoreCheck) await check(store, publicKey, json);
    else await print(await run(store, options), store, json);
  } catch (error) {
    await note(options, false);
    if (error instanceof ArchiveError) throw new Failure(error.message);
    throw error;
  }
  await note(options, process.exitCode === EXIT.ok);
}

async function note({ metricsFile, expectedEvery, restoreCheck }: ArchiveOptions, succeeded: boolean): Promise<void> {
  if (metricsFile === undefined) return;
  await noteRun(metricsFile, {
    operation: restoreCheck ? 'restore_check' : 'archive',
    succeeded,
    everyMs: expectedEvery,
  });
}

function lockOf({ lockMode, lockDays, restoreCheck }: ArchiveOptions): ObjectLock | undefined {
  if (lockMode === undefined && lockDays === undefined) return undefined;
  if (lockMode === undefined || lockDays === undefined) {
    throw Failure.usage('--lock-mode and --lock-days go together; see botaudit archive --help');
  }
  if (restoreCheck) throw Failure.usage('--restore-check writes nothing, so there is nothing to lock');
  return { mode: lockMode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE', days: lockDays };
}

async function run(store: ArchiveStore, options: ArchiveOptions): Promise<ArchiveRun> {
  const directory = await locateJournal(options);
  if (isAbsolute(store.title) && isIn(store.title, directory)) {
    throw new Failure(`${store.title} lies in the journal that it is to keep: name a place elsewhere, on another disk`);
  }
  const progress = new Progress('archived');
  try {
    return await archiveJournal(directory, store, { onProgress: progress.show, signal: stopSignal().signal, say });
  } finally {
    progress.end();
  }
}

/** Whether a folder, which may not be there yet, is another one or would lie in it. */
function isIn(path: string, folder: string): boolean {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  return realpathSync(existing) === realpathSync(folder) || liesWithin(existing, folder);
}

async function print(run: ArchiveRun, { title }: ArchiveStore, json: boolean | undefined): Promise<void> {
  const { archived, known, bytes, open, problems } = run;
  for (const { name, problem } of problems) say(`${name}: ${problem}`);
  const output = new Output();
  output.line(
    json
      ? JSON.stringify({ complete: problems.length === 0, archive: title, ...run })
      : `${archived} ${archived === 1 ? 'segment' : 'segments'} archived (${bytes} bytes), ${known} there already, ${open} being written: ${harmless(title)}`,
  );
  await output.flush();
  process.exitCode = problems.length > 0 ? EXIT.failed : EXIT.ok;
}

async function check(store: ArchiveStore, keyFiles: readonly string[], json: boolean | undefined): Promise<void> {
  const publicKeys = readPublicKeys(keyFiles);
  const progress = new Progress('read');
  try {
    const report = await checkArchive(store, { publicKeys, onProgress: progress.show });
    progress.end();
    if (report.records === 0 && report.findings.length === 0) {
      throw new Failure(`${store.title} holds no record, so nothing was verified`);
    }
    await printCheck(report, { json, isSigned: keyFiles.length > 0 });
  } finally {
    progress.end();
  }
}
