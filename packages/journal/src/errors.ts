/**
 * A line could not be appended; unless {@link written} says otherwise nothing of it counts as written. The next append
 * tries again, so a disk that has room again, or is mounted for writing again, needs no restart.
 */
export class JournalWriteError extends Error {
  override readonly name = 'JournalWriteError';
  /**
   * What went wrong, as the operating system names it: `ENOSPC` (disk full, or less left than `minFreeBytes`), `EDQUOT`
   * (quota, or `maxBytes` reached with nothing that may be removed), `EIO`, `EROFS`, `EACCES`, `EFBIG`, `EMSGSIZE`
   * (line too long), `ENOBUFS` (buffer of `memory` full), `ECLOSED` (after `close`), …
   */
  readonly code: string;
  /** The file or folder that it went wrong with. */
  readonly path: string;
  /**
   * Whether the line stands in the stream all the same, and only could not be synced: the chain has to go on from it.
   */
  readonly written: boolean;

  constructor(code: string, path: string, problem: string, cause?: unknown, written = false) {
    super(`${path}: ${problem} (${code})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
    this.written = written;
  }

  /** Wraps what a call of the file system threw. */
  static from(error: unknown, path: string): JournalWriteError {
    if (error instanceof JournalWriteError) return error;
    const code = errorCode(error);
    return new JournalWriteError(code, path, 'cannot write the journal', error);
  }

  /** A line that was written could not be synced. */
  static unsynced(error: unknown, path: string): JournalWriteError {
    return new JournalWriteError(errorCode(error), path, 'cannot sync the journal to the disk', error, true);
  }
}

/** A file of a journal cannot be read now: rights, a failing disk. What it holds is unknown, not wrong. */
export class JournalReadError extends Error {
  override readonly name = 'JournalReadError';
  /** As the operating system names it: `EACCES`, `EIO`, … */
  readonly code: string;
  readonly path: string;

  constructor(error: unknown, path: string) {
    const code = errorCode(error);
    super(`${path}: cannot be read (${code})`, { cause: error });
    this.code = code;
    this.path = path;
  }
}

/** A file or folder is not what a journal has in that place. */
export class JournalFormatError extends Error {
  override readonly name = 'JournalFormatError';
  readonly code = 'ERR_JOURNAL_FORMAT';
  readonly path: string;
  /** The format version found, where it is newer than this package knows; `undefined` for anything else. */
  readonly newerVersion: number | undefined;

  constructor(path: string, problem: string, newerVersion?: number) {
    super(`${path}: ${problem}`);
    this.path = path;
    this.newerVersion = newerVersion;
  }
}

/** The code of an error of the file system; `EUNKNOWN` where it has none. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : 'EUNKNOWN';
}
