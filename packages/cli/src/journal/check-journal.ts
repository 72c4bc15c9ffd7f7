import { createReadStream, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listStreams, type StreamEntry } from '@botaudit/journal';
import {
  checkpointsOfMissing,
  rememberCheckpoints,
  type TimestampCheckOptions,
  withTimestamps,
} from '../timestamps/check-timestamps.js';
import { checkSegments } from '../verify/check-segments.js';
import { Check, type CheckOptions, type CheckReport } from './check.js';

/** How to check, and what beside what is checked. */
export interface SourceOptions extends Pick<CheckOptions, 'publicKeys' | 'quick'> {
  /** Lines that carry checkpoints from elsewhere, by the name of where they are from. */
  readonly outside?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Holds timestamps against it as well. Default: they are not looked at. */
  readonly timestamps?: TimestampCheckOptions | undefined;
  /** Hears what is wrong with a stream's description, which is no part of what is verified. Default: nobody. */
  readonly onProblem?: ((problem: Error) => void) | undefined;
}

/** Checks a whole journal. */
export function checkJournal(directory: string, options: SourceOptions): CheckReport {
  const checking = begin(true, options);
  for (const stream of beginJournal(checking, directory, options)) checking.stream(stream);
  return checking.finish();
}

/**
 * The same by several threads, with the same result.
 *
 * @param jobs see {@link checkSegments}.
 * @throws what a thread that fails throws.
 */
export async function checkJournalWith(
  jobs: number | undefined,
  directory: string,
  options: SourceOptions,
): Promise<CheckReport> {
  const { timestamps } = options;
  const known = timestamps && rememberCheckpoints(listStreams(directory), linesFromOutside(options));
  const checking = begin(true, options);
  const streams = beginJournal(checking, directory, options);
  await checkSegments(checking, streams, jobs, options.quick ?? false);
  const report = checking.finish();
  return known ? await withTimestamps(report, streams, known, timestamps) : report;
}

/** Checks the folder of one stream. @param jobs see {@link checkSegments}. @throws what a thread that fails throws. */
export async function checkStream(
  jobs: number | undefined,
  directory: string,
  options: SourceOptions,
): Promise<CheckReport> {
  const { timestamps } = options;
  const stream = { streamId: basename(directory), directory };
  const known = timestamps && rememberCheckpoints([stream], linesFromOutside(options));
  const checking = begin(false, options);
  checking.checkpoints(stream);
  await checkSegments(checking, [stream], jobs, options.quick ?? false);
  const report = checking.finish();
  return known ? await withTimestamps(report, [stream], known, timestamps) : report;
}

/** Takes in what comes before all records. Returns the streams in the order in which these come. */
function beginJournal(checking: Check, directory: string, options: SourceOptions): StreamEntry[] {
  // The newest first, as the verifier asks for: it is they that name the others' ends.
  const started = ({ info }: StreamEntry) => info?.startedAt ?? '';
  for (const name of linksIn(join(directory, 'streams'))) {
    checking.unread(name, `${join(directory, 'streams', name)}: is a link, which is not followed`);
  }
  const streams = listStreams(directory).sort((a, b) => (started(a) < started(b) ? 1 : -1));
  for (const { name, line } of checkpointsOfMissing(options.timestamps?.files ?? [], streams)) {
    checking.checkpoint(name, line);
  }
  for (const stream of streams) {
    if (isNewer(stream)) continue;
    checking.checkpoints(stream);
    // What is wrong with the chain is found in the records; this is about the file beside them.
    if (stream.problem?.name === 'JournalFormatError') options.onProblem?.(stream.problem);
  }
  return streams;
}

/**
 * Checks a file of records of any streams. It is read twice, since checkpoints in it may come after what they vouch for.
 *
 * @throws what reading throws.
 */
export async function checkFile(name: string, path: string, options: SourceOptions): Promise<CheckReport> {
  const checking = begin(false, options);
  await checking.lines(name, createReadStream(path), 'checkpoints');
  await checking.lines(name, createReadStream(path), 'records');
  return checking.finish();
}

/**
 * Checks records as they come. A checkpoint vouches only for the record just before it and those that come after.
 *
 * @throws what reading throws.
 */
export async function checkInput(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  options: SourceOptions,
): Promise<CheckReport> {
  const checking = begin(false, options);
  await checking.lines(name, chunks);
  return checking.finish();
}

/** What looks like a stream there and is a link: it could lead anywhere, or in circles. */
function linksIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isSymbolicLink() ? entry.name : []));
  } catch {
    // Listing the streams says what is wrong.
    return [];
  }
}

function linesFromOutside({ outside = new Map() }: SourceOptions): readonly string[] {
  return [...outside.values()].flat();
}

function begin(complete: boolean, { publicKeys, quick, outside = new Map() }: SourceOptions): Check {
  const checking = new Check({ complete, publicKeys, quick });
  for (const [name, lines] of outside) for (const line of lines) checking.checkpoint(name, line);
  return checking;
}

function isNewer({ problem }: StreamEntry): boolean {
  return problem !== undefined && 'newerVersion' in problem && problem.newerVersion !== undefined;
}
