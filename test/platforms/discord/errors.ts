/** An error as the API answers it: a status, and a code of Discord's own that says more. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: unknown;

  constructor(status: number, code: number, message: string, errors?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  get body(): Readonly<Record<string, unknown>> {
    return { message: this.message, code: this.code, ...(this.errors !== undefined && { errors: this.errors }) };
  }
}

export const unauthorized = () => new DiscordError(401, 0, '401: Unauthorized');
export const notFound = () => new DiscordError(404, 0, '404: Not Found');
export const missingAccess = () => new DiscordError(403, 50_001, 'Missing Access');
export const missingPermissions = () => new DiscordError(403, 50_013, 'Missing Permissions');
export const emptyMessage = () => new DiscordError(400, 50_006, 'Cannot send an empty message');
export const acknowledged = () => new DiscordError(400, 40_060, 'Interaction has already been acknowledged.');

const UNKNOWN = {
  channel: 10_003,
  guild: 10_004,
  member: 10_007,
  message: 10_008,
  role: 10_011,
  user: 10_013,
  webhook: 10_015,
  ban: 10_026,
  interaction: 10_062,
} as const;

/** What a request names does not exist, or is not to be seen by who asks. */
export function unknown(what: keyof typeof UNKNOWN): DiscordError {
  return new DiscordError(404, UNKNOWN[what], `Unknown ${what[0]?.toUpperCase()}${what.slice(1)}`);
}

/** A field of the body is not as it must be. */
export function invalidBody(field: string, code: string, message: string): DiscordError {
  return new DiscordError(400, 50_035, 'Invalid Form Body', { [field]: { _errors: [{ code, message }] } });
}
