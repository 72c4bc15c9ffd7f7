import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINTS_FILE, JournalReadError, readCheckpointLines, unacknowledgedCheckpoints } from '@botaudit/journal';

/** The checkpoints of a stream as they are shipped: what has been read of them. */
export class CheckpointFeed {
  readonly #directory: string;
  readonly #path: string;
  /** Read, and not taken yet. */
  #waiting: string[] = [];
  /** The last one that was read; `undefined` before the first look. */
  #last: string | undefined;
  #seen = '';

  constructor(streamDirectory: string) {
    this.#directory = streamDirectory;
    this.#path = join(streamDirectory, CHECKPOINTS_FILE);
  }

  /** The next ones, as many as fit, of those that were there at the last {@link look}. */
  take(maxLines: number, maxBytes: number): string[] {
    const taken: string[] = [];
    let bytes = 0;
    for (const line of this.#waiting) {
      bytes += line.length;
      if (taken.length === maxLines || (taken.length > 0 && bytes > maxBytes)) break;
      taken.push(line);
    }
    this.#waiting = this.#waiting.slice(taken.length);
    return taken;
  }

  /** Looks for new ones. Never throws: what can't be read now is read later, and must not keep records from going. */
  look(): void {
    try {
      const stats = statSync(this.#path, { throwIfNoEntry: false });
      const seen = stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : '';
      if (seen === this.#seen) return;
      this.#read();
      this.#seen = seen;
    } catch (error) {
      if (!(error instanceof JournalReadError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  /** Goes by the last line that was read, since what stands before it may have been removed. */
  #read(): void {
    const isFirst = this.#last === undefined;
    const lines = isFirst ? unacknowledgedCheckpoints(this.#directory) : readCheckpointLines(this.#directory);
    const fresh = isFirst ? lines : lines.slice(lines.lastIndexOf(this.#last!) + 1);
    this.#waiting.push(...fresh);
    this.#last = lines.at(-1) ?? this.#last;
  }
}
