import { type AuditEvent, AuditUnavailableError } from '@botaudit/api';

/** What kept an event from being recorded may have been another record, which had to come before it. */
export function unavailable({ name }: AuditEvent, error: unknown): AuditUnavailableError {
  const what = `${name} could not be recorded`;
  if (!(error instanceof AuditUnavailableError)) return new AuditUnavailableError(what, { cause: error });
  if (error.message.startsWith(name)) return error;
  const { cause, passing } = error;
  return new AuditUnavailableError(`${what}: ${cause instanceof Error ? cause.message : error.message}`, {
    cause,
    passing,
  });
}

/** Nothing is written any more. */
export function closed(): AuditUnavailableError {
  return new AuditUnavailableError('The audit stream of this thread is closed', { passing: false });
}

/** What is kept in memory alone is gone with the process, which is not enough for what must not go unrecorded. */
export function notOnDisk({ name }: AuditEvent): AuditUnavailableError {
  const message = `${name} fails closed, and records can only be kept in memory: no folder can be written`;
  return new AuditUnavailableError(message, { cause: { code: 'EMEMORY' }, passing: false });
}

/** The reason where the journal was not even asked. */
export const UNFIT = 'EINVAL';

/** The code of what went wrong beneath, e.g. `ENOSPC`. */
export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  return cause === undefined ? 'ECLOSED' : UNFIT;
}
