import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';

/** What a claim says of who made it and how that ended. */
export interface ClaimNote {
  /** Event name. */
  readonly event: string;
  readonly kind: string;
  /** Id of the stream in which it is recorded. */
  readonly stream: string;
  readonly pid: number;
  /** When it was made: milliseconds since the epoch. */
  readonly at: number;
  /** Id of the record that tells of it. */
  readonly recordId?: string | undefined;
  /** How it ended; absent while it goes on, or where its process ended in the midst of it. */
  readonly outcome?: 'success' | 'unknown' | undefined;
}

/**
 * Makes the file of a claim, which must not be there. The file itself is the claim; what it says is for people, and for
 * the record of whoever comes second, so that a full disk does not undo it.
 *
 * @throws `EEXIST` when it is claimed already; what else the file system throws.
 */
export function makeClaimFile(path: string, note: ClaimNote): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(fd, lineOf(note));
  } catch {
    // As above.
  } finally {
    closeSync(fd);
  }
}

/** Adds what has become known to a claim; not to one that was let go meanwhile. Never throws. */
export function addToClaimFile(path: string, note: Partial<ClaimNote>): void {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      writeSync(fd, lineOf(note));
    } finally {
      closeSync(fd);
    }
  } catch {
    // It was released, or the disk is full: the claim holds or does not without it.
  }
}

/** What a claim says; nothing where it can't be read: who made it may be about to write it. Never throws. */
export function readClaimFile(path: string): Partial<ClaimNote> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  return Object.assign({}, ...text.split('\n').map(noteOf));
}

function lineOf(note: Partial<ClaimNote>): string {
  return `${JSON.stringify(note)}\n`;
}

function noteOf(line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    // The last line may be torn.
    return {};
  }
}
