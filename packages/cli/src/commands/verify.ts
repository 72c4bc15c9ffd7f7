import { createReadStream, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { listStreams, type StreamEntry } from '@botaudit/journal';
import { EXIT, Failure } from '../failure.js';
import { Check, type CheckFinding, type CheckReport, isWrong } from '../journal/check.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import type { Paint } from '../text/columns.js';
import { harmless, harmlessJson } from '../text/harmless.js';

/** Options of `botaudit verify`. */
export interface VerifyOptions extends JournalOptions {
  readonly json?: boolean | undefined;
}

const SEGMENT = /^\d{8,}\.ndjson$/;

/**
 * Verifies a journal, the folder of one stream, a file of records, or standard input (`-`), and prints what is wrong.
 *
 * @param what default: the journal that the other commands read.
 */
export async function verify(what: string | undefined, options: VerifyOptions): Promise<void> {
  const report = await check(what, options);
  if (report.records === 0 && report.findings.length === 0) {
    throw new Failure(`${what ?? 'the journal'}: there is no record, so nothing was verified`);
  }
  const output = new Output();
  if (options.json) {
    const line = JSON.stringify(report);
    output.line(output.isTerminal ? harmlessJson(line) : line);
  } else {
    for (const finding of report.findings) await output.line(findingLine(finding, output.paint));
    output.line(summary(report, output.paint));
  }
  await output.flush();
  process.exitCode = report.intact ? EXIT.ok : isWrong(report) ? EXIT.no : EXIT.failed;
}

async function check(what: string | undefined, options: VerifyOptions): Promise<CheckReport> {
  if (what === undefined) return checkJournal(await locateJournal(options));
  if (what === '-') return await checkFile('standard input', process.stdin);
  const path = resolve(what);
  const stats = statsOf(path);
  if (!stats.isDirectory()) return await checkFile(what, createReadStream(path));
  const names = readdirSync(path);
  if (names.includes('streams')) return checkJournal(path);
  if (names.includes('stream.json') || names.some((name) => SEGMENT.test(name))) return checkStream(path);
  throw new Failure(`${path} is neither a journal (it has no folder streams) nor the folder of a stream`);
}

function statsOf(path: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new Failure(`${path} does not exist; name the folder of a journal, a file of records, or -`);
  return stats;
}

function checkJournal(directory: string): CheckReport {
  const checking = new Check(true);
  // The newest first, as the verifier asks for: it is they that name the others' ends.
  const started = ({ info }: StreamEntry) => info?.startedAt ?? '';
  const streams = listStreams(directory).sort((a, b) => (started(a) < started(b) ? 1 : -1));
  for (const stream of streams) {
    checking.stream(stream);
    // What is wrong with the chain is found in the records; this is about the file beside them.
    if (stream.problem?.name === 'JournalFormatError' && !isNewer(stream)) say(stream.problem.message);
  }
  return checking.finish();
}

function isNewer({ problem }: StreamEntry): boolean {
  return problem !== undefined && 'newerVersion' in problem && problem.newerVersion !== undefined;
}

function checkStream(directory: string): CheckReport {
  const checking = new Check(false);
  checking.stream({ streamId: basename(directory), directory });
  return checking.finish();
}

async function checkFile(name: string, chunks: AsyncIterable<Uint8Array>): Promise<CheckReport> {
  const checking = new Check(false);
  await checking.lines(name, chunks);
  return checking.finish();
}

function findingLine({ stream, number, kind, severity, message }: CheckFinding, paint: Paint): string {
  const what = severity === 'error' ? paint('red', kind) : paint('yellow', `${kind} (notice)`);
  return `${harmless(stream)} ${number ?? '-'} ${what}: ${harmless(message)}`;
}

function summary({ intact, streams, records, findings, omitted = 0 }: CheckReport, paint: Paint): string {
  const size = `${count(streams, 'stream')}, ${count(records, 'record')}`;
  if (intact) return `${paint('green', 'consistent')} (unsigned): ${size}`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const more = omitted > 0 ? `, and ${omitted} more` : '';
  return `${paint('red', 'not consistent')}: ${count(errors, 'error')}${more} in ${size}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
