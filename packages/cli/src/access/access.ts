import { resolve } from 'node:path';
import { ATTR_BOT_ACTION_ATTEMPT_RECORD_ID, ATTR_BOT_ACTION_STAGE, eventDefinition } from '@botaudit/record';
import type { AccessLog, Config } from '@botaudit/sdk';
import { Failure } from '../failure.js';
import { say } from '../stderr.js';
import { findFolder } from './folder.js';
import { findOutput, findReader, type Reader } from './reader.js';

/** What is recorded: that somebody reads records, makes a key by which they are protected, or lets something happen again. */
type AccessEvent =
  | 'audit.log.read'
  | 'audit.log.export'
  | 'audit.log.decrypt'
  | 'audit.key.created'
  | 'audit.key.rotated'
  | 'audit.claim.released';

/** Somebody asks for records, for a key, or for a claim to go. */
export interface AccessRequest {
  readonly event: AccessEvent;
  /** Name of the command. */
  readonly command: string;
  /** Folder of the journal that is read; beside it that may be recorded. */
  readonly journal?: string | undefined;
  /** File that is read, where it is no journal, or of the key. With neither it is standard input. */
  readonly file?: string | undefined;
  /** Claim that is let go of, which is the target then. */
  readonly claim?: string | undefined;
  /** What was asked for, such as filters. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Whether it goes on until somebody ends it, so that what was asked for is shipped at once. Default `false`. */
  readonly goesOn?: boolean | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

/** Reading that is under way. */
export interface Access {
  /** Records that were shown so far; of a key or a claim none. */
  records: number;
  /** Whether less was shown than there was to show. */
  isPartial: boolean;
  /** What else is to be recorded of it at its end. */
  details: Record<string, unknown>;
}

/**
 * Reads records on record: who asks for what is written before `read` is called, and so also of a reader who is killed;
 * how many were shown, after it.
 *
 * @returns what `read` returns.
 * @throws {Failure} when reading has to be recorded and can't be; `read` is not called then. And what `read` throws.
 */
export async function onRecord<T>(request: AccessRequest, read: (access: Access) => Promise<T>): Promise<T> {
  const access: Access = { records: 0, isPartial: false, details: {} };
  const recording = await begin(request);
  let error: unknown;
  try {
    return await read(access);
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    await recording?.end(access, error);
  }
}

/** A record of what was asked is on disk. */
interface Recording {
  end(access: Access, error: unknown): Promise<void>;
}

async function begin(request: AccessRequest): Promise<Recording | undefined> {
  const config = await configOf(request);
  const { mode, directory } = config.accessLog;
  if (mode === 'off') return undefined;
  const reader = findReader();
  const groupRead = config.journal.groupRead;
  const folder = findFolder({ journal: request.journal, configured: directory, reader, groupRead });
  try {
    if ('problem' in folder) throw new Error(folder.problem);
    const { AccessLog } = await import('@botaudit/sdk');
    const log = new AccessLog({ config, directory: folder.path });
    return recordingOf(log, request, reader);
  } catch (error) {
    const why = (error as Error).message;
    if (mode === 'required') {
      throw new Failure(`nothing is done: it cannot be recorded who does it (access_log.mode is required): ${why}`);
    }
    say(`THIS IS NOT RECORDED: ${why}`);
    return undefined;
  }
}

function recordingOf(log: AccessLog, request: AccessRequest, reader: Reader): Recording {
  const { event, command, asked } = request;
  const isReading = event.startsWith('audit.log.');
  const common = {
    name: event,
    action: eventDefinition(event)?.verb ?? 'READ',
    actor: { id: `os:${reader.user}`, type: 'user' },
    target: { id: targetOf(request) },
    source: reader.source,
  } as const;
  const attempt = log.write({
    ...common,
    outcome: 'unknown',
    attributes: { [ATTR_BOT_ACTION_STAGE]: 'attempt' },
    body: { command, asked, output: findOutput(), reader: reader.details },
  });
  if (request.goesOn) log.shipMeanwhile();
  return {
    async end({ records, isPartial, details }, error) {
      try {
        log.write({
          ...common,
          outcome: error === undefined ? 'success' : 'failure',
          attributes: { [ATTR_BOT_ACTION_STAGE]: 'outcome', [ATTR_BOT_ACTION_ATTEMPT_RECORD_ID]: attempt },
          body: { command, ...(isReading && { records, partial: isPartial || error !== undefined }), ...details },
        });
      } catch (unwritten) {
        say(`WHAT CAME OF IT IS NOT RECORDED: ${(unwritten as Error).message}`);
      }
      await log.close();
    },
  };
}

function targetOf({ claim, journal, file }: AccessRequest): string {
  if (claim !== undefined) return `claim:${claim}`;
  if (journal !== undefined) return `journal:${resolve(journal)}`;
  return file === undefined ? 'stdin' : `file:${resolve(file)}`;
}

/** A configuration that is wrong elsewhere must not be the way to read without a record. */
async function configOf({ config: file }: AccessRequest): Promise<Config> {
  const { formatProblem, loadConfig } = await import('@botaudit/sdk');
  const env: NodeJS.ProcessEnv = { ...process.env, BOTAUDIT_ON_ERROR: 'continue' };
  if (file !== undefined) env.BOTAUDIT_CONFIG = resolve(file);
  const config = loadConfig({ env });
  for (const problem of config.problems) {
    const { key } = problem;
    if (key !== undefined && !key.startsWith('access_log')) continue;
    say(`${formatProblem(problem)}; what is recorded of readers may not be what was meant`);
  }
  return config;
}
