/** Where an archive is kept: objects of bytes under names like `streams/<id>/00000001.ndjson`. */
export interface ArchiveStore {
  /** As a person knows it: a folder, or `s3://bucket/prefix`. */
  readonly title: string;
  /**
   * Names of the objects in one folder of names, in no order; none when it is not there.
   *
   * @throws {ArchiveError}
   */
  list(folder: string): Promise<string[]>;
  /**
   * All bytes of an object, from where it is kept.
   *
   * @returns `undefined` when there is none of this name.
   * @throws {ArchiveError}
   */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * Puts an object, wholly or not at all. It is there to stay, as far as the store can say so, when this returns.
   *
   * @throws {ArchiveError}
   */
  write(name: string, content: Uint8Array): Promise<void>;
}

/** Why an archive can't be written or read: what, where, and what the store said. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** For how long and how firmly S3 keeps what is put there (Object Lock). */
export interface ObjectLock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  readonly days: number;
}
