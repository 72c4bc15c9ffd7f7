/** What is wrong with a timestamp, or with how one was answered. */
export class TimestampError extends Error {
  override readonly name = 'TimestampError';
}
