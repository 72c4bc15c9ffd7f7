import type { Announce } from './room.js';

/** Where a writer's lines go. */
export interface Sink {
  /** Folder of the stream; `undefined` where there is none on disk. */
  readonly streamDirectory: string | undefined;
  /** Whether the writer's lock is held. */
  readonly locked: boolean;
  /** Bytes of whole lines written. */
  readonly bytes: number;
  /** Makes the folder, before the first line. @throws {JournalWriteError} */
  prepare(): void;
  /**
   * @param sync whether it returns only when the line is as durable as this sink can make it.
   * @throws {JournalWriteError}
   */
  append(line: string, sync?: boolean): void;
  /** Writes what is buffered. @throws {JournalWriteError} */
  flush(): void;
  /** Removes what the limits ask, in steps, after it was announced. Not to be called within an append. */
  makeRoom(announce: Announce): Generator<void, void, undefined>;
  /** Ends it. Never throws; lines that can't be written any more are lost, and reported as such. */
  close(): void;
}

/** Lines that are gone although their append returned. */
export interface Loss {
  readonly lines: number;
  /** Why: an error's code, or `ENOENT` where somebody removed the file. */
  readonly code: string;
}
