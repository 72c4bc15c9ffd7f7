import type { Chain } from '@botaudit/record';
import type { JournalHome } from '../backend/journal-home.js';
import type { Config } from '../config/load-config.js';
import { Checkpoints } from './checkpoints.js';
import { type JournalSigner, journalSigner } from './journal-signer.js';
import type { Signer } from './signer.js';

/** What signs the checkpoints of a stream, and makes them. */
export interface StreamSigning {
  /** `undefined`: none are made. */
  readonly checkpoints?: Checkpoints | undefined;
  readonly signer?: Signer | undefined;
  /** The key in the journal's folder, where that is used. */
  readonly journalKey?: JournalSigner | undefined;
  /** Why none are made, although there is a journal. */
  readonly problem?: string | undefined;
}

/** Options of {@link openSigning}. */
export interface SigningOptions {
  readonly config: Config;
  /** The key that is configured. */
  readonly signer: Signer | undefined;
  readonly home: JournalHome;
  readonly chain: Chain;
  readonly onMade: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** Finds the key for a stream whose journal is open. Never throws. */
export function openSigning(options: SigningOptions): StreamSigning {
  const { config, home, chain, onMade, onFailed } = options;
  const { streamDirectory } = home.writer;
  // What is kept in memory ends with the process, and with it whatever could be proven of it.
  if (home.directory === undefined || streamDirectory === undefined) return {};
  const { key, keyFile, checkpointRecords, checkpointIntervalMs } = config.signing;
  let { signer } = options;
  let journalKey: JournalSigner | undefined;
  if (!signer) {
    // A key that was asked for and is of no use must not be replaced by one of less worth.
    if (key !== undefined || keyFile !== undefined) return { problem: 'the configured key is of no use' };
    try {
      journalKey = journalSigner(home.directory, config.journal.groupRead);
    } catch (error) {
      return { problem: (error as Error).message };
    }
    signer = journalKey.signer;
  }
  const checkpoints = new Checkpoints({
    signer,
    streamId: chain.streamId,
    streamDirectory,
    groupRead: config.journal.groupRead,
    chain,
    flush: () => home.writer.flush(),
    everyRecords: checkpointRecords,
    intervalMs: checkpointIntervalMs,
    onMade,
    onFailed,
  });
  return { checkpoints, signer, journalKey };
}

/** What people should know of a key that was made in the journal's folder. */
export function newKeyNotice({ path, publicPath }: JournalSigner): string {
  return (
    `made a key to sign checkpoints, ${path}; beside the journal it proves nothing against who may read it: ` +
    `take ${publicPath} to where the journal is verified, and see signing.key_file for a better place`
  );
}
