import type { Envelope, ErrorParameters } from './types.ts';

/** An error as the Bot API answers with it; thrown by whatever handles a call. */
export class BotApiError extends Error {
  override readonly name = 'BotApiError';
  /** HTTP status and `error_code` alike. */
  readonly code: number;
  readonly parameters: ErrorParameters | undefined;

  constructor(code: number, description: string, parameters?: ErrorParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }

  get envelope(): Envelope {
    const { code, message, parameters } = this;
    return { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  }
}

export function badRequest(why: string, parameters?: ErrorParameters): BotApiError {
  return new BotApiError(400, `Bad Request: ${why}`, parameters);
}

export function unauthorized(): BotApiError {
  return new BotApiError(401, 'Unauthorized');
}

export function forbidden(why: string): BotApiError {
  return new BotApiError(403, `Forbidden: ${why}`);
}

export function notFound(why?: string): BotApiError {
  return new BotApiError(404, why === undefined ? 'Not Found' : `Not Found: ${why}`);
}

export function conflict(why: string): BotApiError {
  return new BotApiError(409, `Conflict: ${why}`);
}
