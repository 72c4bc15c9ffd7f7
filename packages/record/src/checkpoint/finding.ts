/**
 * What can be wrong with a checkpoint:
 *
 * - `form`: it is none, or not in canonical form;
 * - `signature`: it has none, or one that does not fit;
 * - `key`: it is signed by another key than those that are trusted;
 * - `seq`: its number does not follow that of the one before;
 * - `chain`: it does not name the hash of the one before;
 * - `epoch`: it lacks the epochs that others have, or the other way round; or (notice) a stream has a new one;
 * - `tip`: it takes back what was committed of a stream before;
 * - `timestamp` (notice): it is from before the one before;
 * - `start` (notice): those before it are not there;
 * - `place`: it stands among those of another stream.
 */
export type CheckpointDefect =
  | 'form'
  | 'signature'
  | 'key'
  | 'seq'
  | 'chain'
  | 'epoch'
  | 'tip'
  | 'timestamp'
  | 'start'
  | 'place';

/** One thing that was found about one checkpoint. */
export interface CheckpointFinding {
  readonly defect: CheckpointDefect;
  /** `notice` for what may be by right; an `error` is a reason to reject. */
  readonly severity: 'error' | 'notice';
  /** Number of the checkpoint, where it says one. */
  readonly seq?: number;
  /** The member at fault, e.g. `tips[1].epoch`, tips counted in the order of the canonical form. */
  readonly member?: string;
  /** For a reader. May hold names out of the data: make it harmless before showing it on a terminal. */
  readonly message: string;
}
