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
