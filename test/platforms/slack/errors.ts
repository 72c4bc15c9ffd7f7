/** What the Web API refuses, by its name for it: `channel_not_found`. */
export class SlackApiError extends Error {
  readonly reason: string;
  /** What stands beside `ok` and `error` in the answer. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(reason: string, details: Readonly<Record<string, unknown>> = {}) {
    super(reason);
    this.reason = reason;
    this.details = details;
  }
}
