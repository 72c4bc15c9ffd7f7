/**
 * A record could not be made durable. Reaches a caller only where a policy asks to fail closed, and from `record()`;
 * an action that was to be audited has not happened then.
 */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_UNAVAILABLE';
  /**
   * Whether it may pass by itself, as a full disk does: trying again makes sense. `false` once auditing has ended, and
   * where it could not be started or nothing can be kept on disk.
   */
  readonly passing: boolean;

  /** @param options `passing`: default `true`. */
  constructor(message: string, { passing = true, ...options }: ErrorOptions & { readonly passing?: boolean } = {}) {
    super(message, options);
    this.passing = passing;
  }
}

/** An event lacks a mandatory field, or a field has a value that is not allowed; nothing was written. */
export class InvalidEventError extends TypeError {
  override readonly name = 'InvalidEventError';
  readonly code = 'ERR_AUDIT_INVALID_EVENT';
  /** The event's name, as far as it has one. */
  readonly event: string;
  /** The field that is missing or wrong, e.g. `outcome`, `actor.id`. */
  readonly field: string;

  constructor(event: string, field: string, problem: string) {
    super(`Audit event ${JSON.stringify(event)}: ${field} ${problem}`);
    this.event = event;
    this.field = field;
  }
}

/** What a {@link DuplicateActionError} knows of the first time. */
export interface FirstTime {
  /** Id of its record; `undefined` where it left none, or not yet. */
  readonly recordId?: string | undefined;
  /**
   * Whether it is known to have come to its end. `false`: it goes on right now, or its process ended in the midst of it:
   * whether it was carried out nobody knows.
   */
  readonly isDone: boolean;
  /** By which `botaudit duplicates release` lets it happen again. */
  readonly claim?: string | undefined;
}

/** Something was not done, since it was done before, or may have been: it is done once. */
export class DuplicateActionError extends Error {
  override readonly name = 'DuplicateActionError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_DUPLICATE_ACTION';
  /** The event's name. */
  readonly event: string;
  readonly first: FirstTime;

  constructor(event: string, first: FirstTime) {
    const record = first.recordId === undefined ? '' : ` (record ${first.recordId})`;
    const release =
      first.claim === undefined
        ? ''
        : `; if it was not carried out, botaudit duplicates release ${first.claim} frees it`;
    super(
      first.isDone
        ? `${event} was carried out before${record} and is not done again`
        : `${event} was begun before${record} and whether it was carried out is not known: it is not done again${release}`,
    );
    this.event = event;
    this.first = first;
  }
}
