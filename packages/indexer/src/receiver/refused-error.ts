import type { Refusal } from '../metrics/table.js';

/** A request that is not accepted: the status and the reason for its sender. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly reason: Refusal;

  constructor(status: number, reason: Refusal, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What may pass later: the sender keeps the records, and comes again. */
export function unavailable(reason: Refusal, message: string): RefusedError {
  return new RefusedError(503, reason, message);
}

/** What can never be used. */
export function notOtlp(message: string): RefusedError {
  return new RefusedError(400, 'not_otlp', message);
}
