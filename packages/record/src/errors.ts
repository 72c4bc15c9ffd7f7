/** A text or an object is not an audit record. Quotes nothing that a terminal could act on. */
export class RecordFormatError extends Error {
  override readonly name = 'RecordFormatError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_RECORD_FORMAT';
  /** What is wrong with it, e.g. `not JSON`. */
  readonly reason: string;

  constructor(reason: string) {
    super(`Not an audit record: ${reason}`);
    this.reason = reason;
  }
}

/** A text or an object is not a checkpoint. Quotes nothing that a terminal could act on. */
export class CheckpointFormatError extends Error {
  override readonly name = 'CheckpointFormatError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_CHECKPOINT_FORMAT';
  /** The member at fault, e.g. `tips[1].epoch`; absent where it is the whole. */
  readonly member: string | undefined;
  /** What is wrong with it, e.g. `is missing`. */
  readonly reason: string;

  constructor(member: string | undefined, reason: string) {
    super(`Not a checkpoint: ${member === undefined ? '' : `${member} `}${reason}`);
    this.member = member;
    this.reason = reason;
  }
}

/** A text or an object is no Ed25519 public key. Does not quote it: it could be a private one. */
export class PublicKeyError extends Error {
  override readonly name = 'PublicKeyError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_PUBLIC_KEY';

  constructor(reason: string) {
    super(`Not an Ed25519 public key: ${reason}`);
  }
}
