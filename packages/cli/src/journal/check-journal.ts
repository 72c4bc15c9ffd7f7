import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { listStreams, type StreamEntry } from '@botaudit/journal';
import { Check, type CheckOptions, type CheckReport } from './check.js';

/** How to check, and what beside what is checked. */
export interface SourceOptions extends Pick<CheckOptions, 'publicKeys'> {
  /** Lines that carry checkpoints from elsewhere, by the name of where they are from. */
  readonly outside?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Hears what is wrong with a stream's description, which is no part of what is verified. Default: nobody. */
  readonly onProblem?: ((problem: Error) => void) | undefined;
}

/** Checks a whole journal. */
export function checkJournal(directory: string, options: SourceOptions): CheckReport {
  const checking = begin(true, options);
  // The newest first, as the verifier asks for: it is they that name the others' ends.
  const started = ({ info }: StreamEntry) => info?.startedAt ?? '';
  const streams = listStreams(directory).sort((a, b) => (started(a) < started(b) ? 1 : -1));
  for (const stream of streams) if (!isNewer(stream)) checking.checkpoints(stream);
  for (const stream of streams) {
    checking.stream(stream);
    // What is wrong with the chain is found in the records; this is about the file beside them.
    if (stream.problem?.name === 'JournalFormatError' && !isNewer(stream)) options.onProblem?.(stream.problem);
  }
  return checking.finish();
}

/** Checks the folder of one stream. */
export function checkStream(directory: string, options: SourceOptions): CheckReport {
  const checking = begin(false, options);
  const stream = { streamId: basename(directory), directory };
  checking.checkpoints(stream);
  checking.stream(stream);
  return checking.finish();
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

function begin(complete: boolean, { publicKeys, outside = new Map() }: SourceOptions): Check {
  const checking = new Check({ complete, publicKeys });
  for (const [name, lines] of outside) for (const line of lines) checking.checkpoint(name, line);
  return checking;
}

function isNewer({ problem }: StreamEntry): boolean {
  return problem !== undefined && 'newerVersion' in problem && problem.newerVersion !== undefined;
}
